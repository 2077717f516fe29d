// The engine and its pages inside another program: accounts under its own server, on its own terms.

import { serve } from "@hono/node-server";
import { createAuth, folderTransport, newKey, run } from "countersign";

const key = newKey();

const auth = await createAuth(
  { database: "file::memory:", name: "Example", publicUrl: "http://localhost:3000" },
  { keys: { active: key, all: [key] } },
);
const stop = run(auth, { transport: folderTransport("./outbox", "Example <no-reply@example.org>") });

const server = serve({
  port: Number(process.argv[2] ?? 3000),
  fetch: async (request, { incoming }) => {
    const { pathname } = new URL(request.url);
    if (pathname !== "/hello") return auth.handle(request, { address: incoming.socket.remoteAddress });
    const session = await auth.sessionOf(request);
    return new Response(session === undefined ? "Who are you?" : `Hello, ${session.user.name}`);
  },
});
server.once("listening", async () => {
  const address = server.address();
  const origin = `http://localhost:${typeof address === "object" ? address?.port : address}`;
  console.log(`ready on ${origin}`);
  // Whoever can read this may make the first administrator, once.
  const ticket = await auth.people.issueSetupTicket({ client: { address: "-", userAgent: "", requestId: "start" } });
  console.log(`set up at ${origin}/setup?ticket=${ticket}`);
});

process.once("SIGTERM", async () => {
  server.close();
  await stop();
  await auth.close();
});
