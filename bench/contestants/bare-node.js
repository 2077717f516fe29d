// The least that Node.js needs for the same: no framework, no checks, no names for anything. Plain JavaScript, as a
// program that counts milliseconds would be.
//
//     bare-node.js look-up DATABASE    one prepared look-up for each request
//     bare-node.js page HEAD BODY      the same bytes for each request; HEAD and BODY are files

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";

const handlers = { "look-up": lookUp, page };

const [mode, ...files] = process.argv.slice(2);
const server = createServer(handlers[mode](...files)).listen(Number(process.env.PORT), "127.0.0.1");
process.once("SIGTERM", () => server.close(() => process.exit()).closeAllConnections());

function lookUp(path) {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec("pragma journal_mode = wal; pragma synchronous = full");
  const find = database.prepare(
    `select users.id, login, name, email, role, method, expires_at
     from sessions join users on users.id = sessions.user_id where sessions.id = ?`,
  );
  return (request, response) => {
    const id = /session=([^.]+)/.exec(request.headers.cookie ?? "")?.[1] ?? "";
    const body = JSON.stringify(find.get(id) ?? {});
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    response.end(body);
  };
}

function page(headFile, bodyFile) {
  const head = JSON.parse(readFileSync(headFile, "utf8"));
  const body = readFileSync(bodyFile);
  return (_request, response) => {
    response.writeHead(200, head);
    response.end(body);
  };
}
