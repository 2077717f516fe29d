// The engine and its pages inside another program: accounts under its own server, on its own terms.

import { randomBytes } from "node:crypto";
import { serve } from "@hono/node-server";
import { createApp, createAuth } from "countersign";

const key = { id: "example", bytes: randomBytes(32) };

const auth = await createAuth(
  { database: "file::memory:", name: "Example", publicUrl: "http://localhost:3000" },
  { keys: { active: key, all: [key] } },
);
const pages = createApp(auth);

const server = serve({
  port: Number(process.argv[2] ?? 3000),
  fetch: async (request, env) => {
    const { pathname } = new URL(request.url);
    if (pathname !== "/hello") return pages.fetch(request, env);
    const cookie = /__Host-countersign-session=([^;]+)/.exec(request.headers.get("cookie") ?? "")?.[1];
    const session = await auth.sessions.find(cookie);
    return new Response(session === undefined ? "Who are you?" : `Hello, ${session.user.name}`);
  },
});
server.once("listening", () => {
  const address = server.address();
  console.log(`ready on ${typeof address === "object" ? address?.port : address}`);
});
