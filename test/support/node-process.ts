// One more node of an installation, in a process of its own, as several servers on one database are. It answers
// requests like the application itself, so a `createBrowser` can be put in front of it.

import { fork } from "node:child_process";
import { once } from "node:events";
import { createAuth } from "../../src/auth.ts";
import type { Keys } from "../../src/crypto/secret-box.ts";
import { isPassing } from "../../src/server/start.ts";
import type { Fetcher } from "../../src/testing/browser.ts";
import { fixedClock } from "../../src/testing/clock.ts";
import { createApp } from "../../src/web/app.ts";

export type NodeProcess = AsyncDisposable & {
  fetch: Fetcher;
  /** Moves the node's clock, which stands still otherwise. */
  setClock(time: number): void;
};

type Start = { databaseUrl: string; keys: Keys; time: number };
type Asked = { id: number; url: string; init: RequestInit; address: string };
type Answered =
  | { id: number; status: number; headers: [string, string][]; body: string }
  | { id: number; error: string };

/** Starts a node; it is ready when this resolves. */
export async function startNode(start: Start): Promise<NodeProcess> {
  const child = fork(import.meta.filename, {
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const waiting = new Map<number, PromiseWithResolvers<Response>>();
  const exited = once(child, "exit").then(() => {
    for (const { reject } of waiting.values()) reject(new Error("The node has ended"));
  });
  child.send(start);
  await Promise.race([once(child, "message"), exited.then(() => Promise.reject(new Error("The node did not start")))]);
  child.on("message", (answer: Answered) => settle(waiting, answer));

  let asked = 0;
  return {
    fetch: async (request, env) => {
      const { method, url, headers } = request;
      const init = { method, headers: [...headers], ...(request.body === null ? {} : { body: await request.text() }) };
      const { address } = { address: "127.0.0.1", ...addressOf(env) };
      const id = ++asked;
      const answer = Promise.withResolvers<Response>();
      waiting.set(id, answer);
      child.send({ id, url, init, address } satisfies Asked);
      return answer.promise;
    },
    setClock: (time) => void child.send({ time }),
    [Symbol.asyncDispose]: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

function settle(waiting: Map<number, PromiseWithResolvers<Response>>, answer: Answered): void {
  const asked = waiting.get(answer.id);
  waiting.delete(answer.id);
  if ("error" in answer) asked?.reject(new Error(answer.error));
  else asked?.resolve(new Response(answer.body === "" ? null : answer.body, answer));
}

function addressOf(env: object | undefined): { address?: string } {
  // What `createBrowser` gives; see its `Fetcher`.
  const { incoming } = (env ?? {}) as { incoming?: { socket: { remoteAddress: string } } };
  return incoming === undefined ? {} : { address: incoming.socket.remoteAddress };
}

/** The life of the child: it ends when its parent does, or lets go of it. */
async function serve(parent: NodeJS.Process): Promise<void> {
  const [{ databaseUrl, keys, time }] = (await once(parent, "message")) as [Start];
  const clock = fixedClock(time);
  const auth = await createAuth({ database: databaseUrl }, { keys, now: clock.now });
  const app = createApp(auth, { isPassing });
  const answer = async ({ id, url, init, address }: Asked): Promise<Answered> => {
    try {
      const connection = { incoming: { socket: { remoteAddress: address } } };
      const response = await app.fetch(new Request(url, init), connection);
      return { id, status: response.status, headers: [...response.headers], body: await response.text() };
    } catch (error) {
      return { id, error: String(error) };
    }
  };
  parent.on("message", (message: Asked | { time: number }) => {
    if ("time" in message) clock.set(message.time);
    else void answer(message).then((answered) => parent.send?.(answered));
  });
  parent.send?.("ready");
  await once(parent, "disconnect");
  await auth.close();
}

if (import.meta.main) await serve(process);
