// The sign-in page, against a bare server that sends the same bytes under the same headers.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BARE, constant } from "../contestants/bare.ts";
import * as countersign from "../contestants/countersign.ts";
import { load } from "../support/load.ts";
import type { Measurement } from "../support/measurement.ts";
import { rateRows, rates, ratioGoal } from "../support/report.ts";
import { requestBytes } from "../support/requests.ts";
import { inTurns } from "../support/rounds.ts";
import { startServer } from "../support/servers.ts";

const ROUND = 1_200;
/** Node.js sets these itself. */
const OWN = new Set(["connection", "date", "keep-alive", "transfer-encoding"]);

/** Measures Countersign and the bare server. */
export const signInPage: Measurement = async ({ folder, cores }) => {
  await countersign.prepare({ folder }, 1);
  const { server: ours } = await countersign.start({ folder }, cores);
  const answer = await fetch(`http://127.0.0.1:${ours.port}/sign-in`);
  const body = Buffer.from(await answer.arrayBuffer());
  const head = Object.fromEntries([...answer.headers].filter(([name]) => !OWN.has(name)));
  const files = { head: join(folder, "head.json"), body: join(folder, "body") };
  await writeFile(files.head, JSON.stringify(head));
  await writeFile(files.body, body);
  const bare = await startServer(constant(files.head, files.body), cores);

  const ask = ({ port }: { port: number }) =>
    load({ port, requests: [requestBytes({ port, path: "/sign-in" })], status: 200, milliseconds: ROUND });
  const series = await inTurns({ countersign: () => ask(ours), [BARE]: () => ask(bare) });
  await Promise.all([ours.stop(), bare.stop()]);

  return {
    title: `Sign-in page, ${body.length} bytes`,
    rows: rateRows("", series),
    goals: [ratioGoal(`countersign / ${BARE}`, "at least", 0.75, [rates(series.countersign), rates(series[BARE])])],
  };
};
