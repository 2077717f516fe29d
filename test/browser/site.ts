// An installation that a real browser visits: the engine and the pages of this process, behind a port of their own, on
// a clock that stands still.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import axe from "axe-core";
import type { Browser, BrowserContext, BrowserContextOptions, ConsoleMessage, Page } from "playwright-core";
import { mailDelivery } from "../../src/mail/deliver.ts";
import { folderTransport } from "../../src/mail/transport.ts";
import type { GivenOptions } from "../../src/options.ts";
import { createWorld, type Member, type World } from "../support/world.ts";

export type Site = {
  /** `http://localhost:PORT` */
  url: string;
  world: World;
  /** Where the mails lie, as `.eml` files. */
  outbox: string;
  /** Writes the mails that are due into the outbox. */
  deliverMails(): Promise<void>;
  /** A browser of its own with one page; signed in already if `as` names somebody. */
  visit(options?: BrowserContextOptions & { as?: Member }): Promise<Visitor>;
};

export type Visitor = {
  page: Page;
  context: BrowserContext;
  /** What the browser complained about: errors of the console, uncaught exceptions, violations of the CSP. */
  complaints: string[];
};

/** Opens a site for a Chromium. Close it in the test that opened it: `await using site = await openSite(chromium)`. */
export async function openSite(chromium: Browser, options: GivenOptions = {}): Promise<Site & AsyncDisposable> {
  // The pages need to know their address before there are pages, so the server asks for them at each request.
  const server = createAdaptorServer({
    fetch: (request, env) => fixture(request) ?? world.fetch(request, env),
  }) as Server;
  await once(server.listen(0, "localhost"), "listening");
  const folder = await mkdtemp(join(tmpdir(), "countersign-outbox-"));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const world = await createWorld("sqlite", { options: { publicUrl: url, ...options } });
  const outbox = join(folder, "outbox");

  return {
    url,
    world,
    outbox,
    deliverMails: mailDelivery(world.auth, folderTransport(outbox, "no-reply@localhost")),
    visit: async ({ as, ...given } = {}) => {
      const context = await chromium.newContext({ baseURL: url, reducedMotion: "reduce", ...given });
      context.setDefaultTimeout(60_000);
      const visitor = watch(context, await context.newPage());
      if (as !== undefined) await becomeSignedIn(visitor, world, as);
      return visitor;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await world.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The path of a script that finds what keeps people out. Served by the site itself, a browser need not read its 600 KB anew at each page. */
export const AXE = "/test/axe.js";

function fixture({ url }: Request): Response | undefined {
  if (new URL(url).pathname !== AXE) return undefined;
  const headers = { "content-type": "text/javascript", "cache-control": "public, max-age=3600, immutable" };
  return new Response(axe.source, { headers });
}

/** Collects what the browser complains about. A page that is an error by its status is no complaint. */
export function watch(context: BrowserContext, page: Page): Visitor {
  const complaints: string[] = [];
  context.on("console", (message) => {
    if (message.type() === "error" && !isOwnStatus(message)) complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  return { page, context, complaints };
}

function isOwnStatus(message: ConsoleMessage): boolean {
  return message.text().startsWith("Failed to load resource") && message.location().url === message.page()?.url();
}

/** Hands a session over to a browser, by the way of its developers' tools: no other takes cookies that start with `__Host-`. */
async function becomeSignedIn({ page, context }: Visitor, world: World, member: Member): Promise<void> {
  const browser = world.browser();
  const home = await world.signIn(browser, member);
  assert.equal(home.path, "/", home.words);
  const { publicUrl: url } = world.auth.options;
  const cookies = [...browser.cookies].map(([name, value]) => ({ name, value, url, secure: true, httpOnly: true }));
  const tools = await context.newCDPSession(page);
  await tools.send("Network.setCookies", { cookies });
  await tools.detach();
}
