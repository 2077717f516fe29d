// A program with users, passwords and a sign-in form of its own, which gets the second factor for them.

import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import { serve } from "@hono/node-server";
import { createAuth, folderTransport, type HostPerson, newKey, run } from "countersign";

const salt = randomBytes(16);
const hashOf = (password: string) => scryptSync(password, salt, 32);
const ada: HostPerson = { id: "1", login: "ada", name: "Ada", email: "ada@example.org", role: "administrator" };
const users = [{ person: ada, hash: hashOf("seven quiet lanterns drift") }];
const nobody = randomBytes(32);

const accounts = {
  find: async (name: string) => users.find(({ person }) => person.login === name)?.person,
  get: async (id: string) => users.find(({ person }) => person.id === id)?.person,
  verify: async (id: string | undefined, password: string) =>
    timingSafeEqual(hashOf(password), users.find(({ person }) => person.id === id)?.hash ?? nobody),
};

const plain = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const layout = ({ title = "", lang = "en", dir = "ltr", head = "", body = "" }) =>
  `<!doctype html><html lang="${lang}" dir="${dir}"><head><title>${plain(title)}</title>${head}</head>
  <body><nav><a href="/">Shop</a></nav>${body}</body></html>`;
const html = (body: string, status = 200) =>
  new Response(layout({ title: "Shop", body }), { status, headers: { "content-type": "text/html; charset=utf-8" } });
const form = (
  next: string,
  problem = "",
) => `${problem}<form method="post"><input name="login"> <button>Sign in</button>
  <input name="password" type="password"><input name="next" type="hidden" value="${plain(next)}"></form>`;

const key = newKey();
const auth = await createAuth(
  { database: "file::memory:", name: "Shop", publicUrl: "http://localhost:3000" },
  { keys: { active: key, all: [key] }, accounts, pages: { look: { layout } } },
);
const stop = run(auth, { transport: folderTransport("./outbox", "Shop <no-reply@example.org>") });

async function answer(request: Request, peer: { address: string | undefined }): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/") return html(`Hello, ${plain((await auth.sessionOf(request))?.user.name ?? "stranger")}`);
  if (pathname !== "/sign-in") return auth.handle(request, peer);
  if (request.method !== "POST") return html(form(searchParams.get("next") ?? "/"));
  const given = new URLSearchParams(await request.text());
  const [next, person] = [given.get("next") ?? "/", await accounts.find(given.get("login") ?? "")];
  const check = () => accounts.verify(person?.id, given.get("password") ?? "");
  const entered = await auth.enter(request, { userId: person?.id, check, wantedPage: next }, peer);
  return entered ?? html(form(next, "Name and password do not match."), 422);
}

const server = serve({
  port: Number(process.argv[2] ?? 3000),
  fetch: (request, { incoming }) => answer(request, { address: incoming.socket.remoteAddress }),
});
server.once("listening", () => console.log("ready", JSON.stringify(server.address())));
process.once("SIGTERM", () => server.close(() => stop().then(() => auth.close())));
