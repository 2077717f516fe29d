// The standalone server: opens everything, prints where it is, serves until it is told to stop, then drains.

import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { AccountsError, type Auth } from "../auth.ts";
import { runEngine } from "../embed/run.ts";
import { folderTransport, smtpTransport } from "../mail/transport.ts";
import { createApp } from "../web/app.ts";
import type { Settings } from "./settings.ts";
import { shortWay } from "./short-way.ts";
import { isPassing, log, OPERATOR, open } from "./start.ts";

const MINUTE = 60_000;
const LONGEST_REQUEST = 20_000;

/** Serves until SIGTERM or SIGINT. Resolves once everything is closed. */
export async function serve(): Promise<void> {
  const { auth, settings } = await open();
  if (auth.accounts !== "own") {
    await auth.close();
    throw new AccountsError("The people of this database belong to an application, which serves the pages itself");
  }
  const app = createApp(auth, { trustedProxies: settings.trustedProxies, isPassing });
  const server = createServer(shortWay(auth, getRequestListener(app.fetch, { overrideGlobalObjects: true })));
  server.headersTimeout = 10_000;
  server.requestTimeout = LONGEST_REQUEST;
  server.keepAliveTimeout = 65_000;
  try {
    await listen(server, settings);
    await greet(auth, settings, server);
  } catch (error) {
    server.close();
    await auth.close();
    throw error;
  }

  const stop = runEngine(auth, { transport: transportOf(settings) });
  const noteHead = background(async () => {
    const { id, hash } = await auth.events.head();
    if (id > 0) log("events", { head: `${id}:${hash}` });
  });
  const heads = setInterval(noteHead, 60 * MINUTE);
  noteHead();

  await stopped();
  clearInterval(heads);
  await drain(server);
  // What is under way is sent or handed back to the outbox; no other mail is begun, and a job stays where it is.
  await stop();
  await auth.close();
}

/** Lets requests under way finish; a client that takes longer than any answer does is cut off. */
async function drain(server: Server): Promise<void> {
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const late = setTimeout(() => server.closeAllConnections(), LONGEST_REQUEST + 5_000);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearInterval(idle);
  clearTimeout(late);
}

function transportOf({ smtpUrl, mailFrom, name, data }: Settings) {
  const from = `"${name.replace(/["\\\r\n]/g, "")}" <${mailFrom}>`;
  return smtpUrl === undefined ? folderTransport(join(data, "outbox"), from) : smtpTransport(smtpUrl, from);
}

function listen(server: Server, { port, host }: Settings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve());
  });
}

async function greet(auth: Auth, settings: Settings, server: Server): Promise<void> {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : settings.port;
  // With port 0 the system chose one, and the default public URL could not know it.
  const url = settings.publicUrl.endsWith(":0") ? settings.publicUrl.replace(/:0$/, `:${port}`) : settings.publicUrl;
  console.log(`Countersign serves ${url}`);
  if (settings.smtpUrl === undefined) console.log(`Mails are written as files into ${join(settings.data, "outbox")}`);
  if (await auth.setup.isOpen()) {
    const ticket = await auth.people.issueSetupTicket({ client: OPERATOR });
    console.log(`Create the first administrator, within 60 minutes: ${url}/setup?ticket=${ticket}`);
  }
}

/** Work that nobody waits for: its failure is logged, and it is tried again at the next turn. */
function background(work: () => Promise<void>): () => void {
  return () => {
    work().catch((error: unknown) => log("background work failed", { error: String(error) }));
  };
}

function stopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
}
