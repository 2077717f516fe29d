// The record of events, from the command line: whether it is whole, and a copy for other programs.

import { pipeline } from "node:stream/promises";
import {
  type Auth,
  EVENT_KINDS,
  type EventFilter,
  EXPORT_FORMATS,
  type ExportFormat,
  type Position,
} from "../../auth.ts";
import { commands } from "../../text/en/commands.ts";
import { OPERATOR, withAuth } from "../start.ts";
import { type Command, readWords, UsageError } from "./command.ts";
import { progressBar } from "./progress-bar.ts";

const DAY = 86_400_000;

const verify: Command = {
  name: ["events", "verify"],
  usage: "countersign events verify [--expect ID:HASH] [--since ID:HASH]",
  help: commands.verify.help,
  run: async (given) => {
    const { values } = readWords(given, { expect: { type: "string" }, since: { type: "string" } });
    const [expect, since] = [position("--expect", values.expect), position("--since", values.since)];
    return withAuth(async (auth) => {
      const words = commands.verify;
      const bar = progressBar(process.stderr);
      using stop = untilInterrupted();
      const { signal } = stop;
      const options = { expect, since, signal, onProgress: bar.show };
      const verdict = await auth.events.verify({ reader: auth.operatorAuthority(), ...options });
      bar.clear();
      if (!verdict.ok) {
        console.log(words.faults[verdict.fault.what](verdict.fault));
        return 1;
      }
      const { at, first, begins, complete } = verdict;
      const range = begins === null ? undefined : { id: first.id + 1, upTo: at.id };
      const head = `${at.id}:${at.hash}`;
      if (!complete) {
        console.log(range === undefined ? words.stoppedEmpty(head) : words.stopped(range, head));
        return 1;
      }
      console.log(range === undefined ? words.empty : words.whole(range));
      if (since === undefined && first.id > 0) console.log(beginning(first, begins));
      console.log(words.head(head));
      return 0;
    });
  },
};

const exportEvents: Command = {
  name: ["events", "export"],
  usage:
    "countersign events export --format jsonl|csv [--from DATE] [--to DATE] [--kind KIND] [--person LOGIN] [--after ID]",
  help: commands.export.help,
  run: async (given) => {
    const { values } = readWords(given, {
      ...{ format: { type: "string" }, from: { type: "string" }, to: { type: "string" }, kind: { type: "string" } },
      ...{ person: { type: "string" }, after: { type: "string" } },
    });
    const format = EXPORT_FORMATS.find((known) => known === values.format);
    if (format === undefined) throw new UsageError(commands.export.format);
    const kind = EVENT_KINDS.find((known) => known === values.kind);
    if (values.kind !== undefined && kind === undefined) throw new UsageError(commands.export.kind(values.kind));
    if (values.after !== undefined && !/^\d{1,15}$/.test(values.after)) throw new UsageError(commands.export.after);
    const after = values.after === undefined ? undefined : Number(values.after);
    const filter = { kind, after, from: time("--from", values.from), to: time("--to", values.to, DAY) };
    return withAuth(async (auth) => {
      if (values.person === undefined) return write(auth, format, filter);
      const person = await auth.people.findByName({ reader: auth.operatorAuthority(), name: values.person });
      if (person !== undefined) return write(auth, format, { ...filter, userId: person.id });
      console.error(commands.export.nobody);
      return 1;
    });
  },
};

export const eventCommands: readonly Command[] = [verify, exportEvents];

async function write(auth: Auth, format: ExportFormat, filter: EventFilter): Promise<number> {
  using stop = untilInterrupted();
  let goOn: number | undefined;
  const lines = async function* () {
    const wanted = { format, filter };
    for await (const { text, last } of await auth.events.export({
      client: OPERATOR,
      reader: auth.operatorAuthority(),
      ...wanted,
    })) {
      yield text;
      if (!stop.signal.aborted) continue;
      goOn = last;
      return;
    }
  };
  try {
    await pipeline(lines, process.stdout, { end: false });
  } catch (error) {
    // Whoever reads has had enough, as `head` has.
    if (error instanceof Error && "code" in error && error.code === "EPIPE") return 1;
    throw error;
  }
  if (goOn === undefined) return 0;
  console.error(commands.export.stopped(goOn));
  return 1;
}

/** The operator knows how old events may become; the program cannot tell whether somebody helped them along. */
function beginning({ id }: Position, begins: number | null): string {
  const { removedBefore, removedBeforeOldest } = commands.verify;
  return begins === null ? removedBefore(id) : removedBeforeOldest(id, new Date(begins).toISOString());
}

function position(option: string, text: string | undefined): Position | undefined {
  if (text === undefined) return undefined;
  const [, id, hash = ""] = /^(\d{1,15}):([\w-]{43})$/.exec(text) ?? [];
  if (id === undefined) throw new UsageError(commands.verify.noted(option));
  return { id: Number(id), hash };
}

/** Milliseconds; a day alone stands for its beginning, or for as much later as `day` says. */
function time(option: string, text: string | undefined, day = 0): number | undefined {
  if (text === undefined) return undefined;
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const at = isDay || /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new UsageError(commands.export.time(option));
  return isDay ? at + day : at;
}

/** A signal for the first Ctrl-C; the second ends the program at once, as it always does. */
function untilInterrupted(): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.once("SIGINT", abort);
  return { signal: controller.signal, [Symbol.dispose]: () => process.off("SIGINT", abort) };
}
