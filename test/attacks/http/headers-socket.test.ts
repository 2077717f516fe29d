// The attack: somebody talks to the port itself, not through a browser. They send headers without end, bodies of many
// megabytes, one byte a minute on a thousand connections, methods and addresses that no browser sends. The server must
// say no quickly, keep nothing in memory, tell nothing about itself, and go on serving the others.

import assert from "node:assert/strict";
import type { Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { createAdaptorServer } from "@hono/node-server";
import { createWorld, PASSWORD, type World } from "../../support/world.ts";

const MEGABYTE = 1_048_576;

describe("the port", () => {
  let world: World & AsyncDisposable;
  let server: Server;
  let port = 0;
  const lines: string[] = [];

  before(async () => {
    world = await createWorld("sqlite", {
      host: { log: (line, details) => lines.push(line + JSON.stringify(details)) },
    });
    await world.person("ada");
    server = createAdaptorServer({
      fetch: (request, env) => world.fetch(request, env as object),
      overrideGlobalObjects: true,
      serverOptions: { connectionsCheckingInterval: 20 },
    }) as Server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ({ port } = server.address() as AddressInfo);
  });

  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await world.close();
  });

  /** Sends bytes and gives back everything that came until the other side closed. */
  async function exchange(...parts: (string | Buffer)[]): Promise<string> {
    const socket = connect(port, "127.0.0.1");
    for (const part of parts) socket.write(part);
    return received(socket);
  }

  function received(socket: Socket): Promise<string> {
    return new Promise((resolve) => {
      let text = "";
      socket.setEncoding("latin1");
      socket.on("data", (chunk) => {
        text += chunk;
      });
      // A server that has answered may close before it has read everything; then writing fails, and that is right.
      socket.on("error", () => {});
      socket.once("close", () => resolve(text));
    });
  }

  /** Waits for an answer under limits that are shorter than the program's own: what is shown is that there are limits. */
  async function cutOff<T>(answer: Promise<T>): Promise<T> {
    const { headersTimeout, requestTimeout } = server;
    Object.assign(server, { headersTimeout: 150, requestTimeout: 300 });
    try {
      return await answer;
    } finally {
      Object.assign(server, { headersTimeout, requestTimeout });
    }
  }

  const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);

  const head = (line: string, headers: Record<string, string | number> = {}) =>
    [
      line,
      ...Object.entries({ host: `127.0.0.1:${port}`, connection: "close", ...headers }).map(
        ([name, value]) => `${name}: ${value}`,
      ),
      "",
      "",
    ].join("\r\n");

  const form = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" };

  async function serves(): Promise<void> {
    const body = new URLSearchParams({ login: "ada", password: PASSWORD }).toString();
    const answer = await exchange(head("POST /sign-in HTTP/1.1", { ...form, "content-length": body.length }), body);
    assert.equal(statusOf(answer), 303);
    assert.match(answer, /set-cookie: __Host-countersign-session=[\w.-]+;/i);
  }

  test("answers TRACE with 405 and never sends back what it was sent (CH-10)", async () => {
    for (const path of ["/", "/sign-in", "/healthz", "/users/1"]) {
      const answer = await exchange(head(`TRACE ${path} HTTP/1.1`, { cookie: "canary=1", "x-canary": "echo" }));
      assert.equal(statusOf(answer), 405, path);
      assert.match(answer, /^allow: /im);
      assert.doesNotMatch(answer, /canary|echo/);
    }
  });

  test("refuses methods that nobody needs, without a failure (CH-10)", async () => {
    for (const method of ["PROPFIND", "LOCK", "MKCOL", "PURGE", "SEARCH", "LINK"]) {
      assert.equal(statusOf(await exchange(head(`${method} /sign-in HTTP/1.1`))), 405, method);
    }
    for (const line of [
      "get / HTTP/1.1",
      "GARBAGE",
      "GET /",
      "G\0T / HTTP/1.1",
      "\x16\x03\x01\x02",
      "GET / HTTP/9.9",
    ]) {
      const answer = await exchange(`${line}\r\n\r\n`);
      assert.ok(answer === "" || statusOf(answer) === 400, `${JSON.stringify(line)}: ${answer.slice(0, 80)}`);
    }
    assert.equal(await exchange(head("CONNECT example.org:443 HTTP/1.1")), "", "it is no proxy");
    await serves();
  });

  test("takes no address that is not plainly one of its own (CH-10)", async () => {
    const targets = [
      "http://evil.example/users",
      "//evil.example/users",
      "/\\evil.example",
      "/../../etc/passwd",
      "/assets/..%2f..%2fpackage.json",
      "/assets/%2e%2e/%2e%2e/package.json",
      "/%00",
      "/%E0%A4%A",
      "*",
      "?",
      "/users/%2e%2e/%2e%2e/events",
      `/${"a/".repeat(3000)}`,
    ];
    for (const target of targets) {
      const answer = await exchange(head(`GET ${target} HTTP/1.1`));
      assert.ok([303, 400, 404].includes(statusOf(answer)), `${target.slice(0, 40)}: ${answer.slice(0, 60)}`);
      assert.doesNotMatch(answer, /location: (?!\/sign-in|\/account)/i, target.slice(0, 40));
      assert.doesNotMatch(answer, /root:|"name": "countersign"/);
    }
    for (const host of ["evil.example", "evil example", "", "a@b", "127.0.0.1:99999", "[::", "localhost/../x"]) {
      const answer = await exchange(head("GET /users HTTP/1.1", { host }));
      assert.ok([303, 400].includes(statusOf(answer)), `${host}: ${answer.slice(0, 60)}`);
      assert.doesNotMatch(answer, /evil/);
    }
    const twice = await exchange("GET / HTTP/1.1\r\nhost: a\r\nhost: evil.example\r\nconnection: close\r\n\r\n");
    assert.match(twice, /^location: \/sign-in\r$/im, "where a request was sent to is never part of an answer");
    assert.equal(statusOf(await exchange("GET / HTTP/1.1\r\nconnection: close\r\n\r\n")), 400, "no host at all");
  });

  test("says nothing of what it is made of, even to garbage (OP-05)", async () => {
    const answers = await Promise.all([
      exchange(head("GET /sign-in HTTP/1.1")),
      exchange(head("GET /nothing HTTP/1.1")),
      exchange("GARBAGE\r\n\r\n"),
      exchange(head("GET / HTTP/1.1", { host: "a b" })),
      exchange(head("GET / HTTP/1.1", { "x-long": "a".repeat(20_000) })),
      exchange(head("POST /sign-in HTTP/1.1", { ...form, "content-length": "nonsense" })),
    ]);
    for (const answer of answers) {
      assert.match(answer, /^HTTP\/1\.1 \d{3} /);
      assert.doesNotMatch(answer, /^(server|x-powered-by|via):/im);
      assert.doesNotMatch(answer, /node|hono|undici|\bat \S+ \(/i);
    }
  });

  test("takes no more than a few kilobytes of headers (CH-10)", async () => {
    const many = Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`x-${n}`, "a"]));
    for (const headers of [{ "x-long": "a".repeat(17_000) }, { cookie: `a=${"b".repeat(17_000)}` }, many]) {
      assert.equal(statusOf(await exchange(head("GET /sign-in HTTP/1.1", headers))), 431);
    }
    assert.equal(statusOf(await exchange(head(`GET /${"a".repeat(17_000)} HTTP/1.1`))), 431);
    // Still within what is read, beyond what is looked at.
    const cookie = `__Host-countersign-session=${"A".repeat(9_000)}`;
    assert.equal(statusOf(await exchange(head("GET /account HTTP/1.1", { cookie }))), 303);
  });

  test("refuses a body of 20 megabytes by its announced length, at once (CH-10)", async () => {
    const headers = { ...form, "content-length": 20 * MEGABYTE };
    const answer = await exchange(head("POST /sign-in HTTP/1.1", headers), "login=a");
    assert.equal(statusOf(answer), 413);
    assert.match(answer, /^connection: close/im);
    assert.match(answer, /That is too much/);
  });

  test("refuses a body of 20 megabytes that comes in pieces without a length, after the first few (CH-10)", async () => {
    const piece = Buffer.from(`10000\r\n${"a".repeat(65_536)}\r\n`);
    const before = process.memoryUsage().arrayBuffers;
    const socket = connect(port, "127.0.0.1");
    const answer = received(socket);
    socket.write(head("POST /sign-in HTTP/1.1", { ...form, "transfer-encoding": "chunked" }));
    let sent = 0;
    while (sent < 20 * MEGABYTE && socket.writable) {
      if (!socket.write(piece)) await new Promise((resolve) => socket.once("drain", resolve).once("close", resolve));
      sent += piece.length;
    }
    socket.end("0\r\n\r\n");
    assert.equal(statusOf(await answer), 413);
    assert.ok(process.memoryUsage().arrayBuffers - before < 8 * MEGABYTE, "it was not kept");
    await serves();
  });

  test("is not confused about where a request ends (CH-10)", async () => {
    const inner = head("GET /smuggled HTTP/1.1");
    const answers = [
      await exchange(
        head("POST /sign-in HTTP/1.1", { ...form, "content-length": 5, "transfer-encoding": "chunked" }),
        `0\r\n\r\n${inner}`,
      ),
      await exchange(`POST /sign-in HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n${inner}`),
      await exchange(head("POST /sign-in HTTP/1.1", { ...form, "content-length": "+5" }), `a=b&c${inner}`),
      await exchange(head("POST /sign-in HTTP/1.1", { ...form, "transfer-encoding": "chunked, identity" }), inner),
    ];
    for (const answer of answers) assert.equal(statusOf(answer), 400, answer.slice(0, 80));
  });

  test("cuts off who sends headers a byte at a time (CH-10)", async () => {
    const socket = connect(port, "127.0.0.1");
    const answer = received(socket);
    socket.write("GET /sign-in HTTP/1.1\r\nhost: a\r\n");
    const dribble = setInterval(() => socket.write("x"), 10);
    const text = await cutOff(answer);
    clearInterval(dribble);
    assert.equal(statusOf(text), 408);
    await serves();
  });

  test("cuts off who announces a form and sends it a byte at a time (CH-10)", async () => {
    const socket = connect(port, "127.0.0.1");
    const answer = received(socket);
    socket.write(head("POST /sign-in HTTP/1.1", { ...form, "content-length": 1000 }));
    const dribble = setInterval(() => socket.write("x"), 10);
    const text = await cutOff(answer);
    clearInterval(dribble);
    assert.ok(text === "" || statusOf(text) >= 400, text.slice(0, 80));
    assert.doesNotMatch(text, /set-cookie/i);
    await serves();
  });

  test("serves the others while two hundred slow ones hold it (CH-10)", async () => {
    const slow = Array.from({ length: 200 }, () => connect(port, "127.0.0.1"));
    const ended = Promise.all(slow.map((socket) => received(socket)));
    for (const socket of slow) socket.write("POST /sign-in HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n");
    await serves();
    assert.equal((await cutOff(ended)).length, 200, "and all of them are cut off");
  });

  test("tells the log nothing that was in what it refused (AU-02)", () => {
    assert.doesNotMatch(lines.join("\n"), /canary|echo|smuggled|aaaa/);
  });
});
