// The record of events, from the command line: whether it is whole, and a copy for other programs.

import { pipeline } from "node:stream/promises";
import {
  type Auth,
  EVENT_KINDS,
  type EventFilter,
  EXPORT_FORMATS,
  type ExportFormat,
  type Fault,
  type Position,
} from "../../auth.ts";
import { OPERATOR, withAuth } from "../start.ts";
import { type Command, readWords, UsageError } from "./command.ts";
import { progressBar } from "./progress-bar.ts";

const DAY = 86_400_000;

/** The end of each sentence follows the number of the event, or numbers, that it is about. */
const FAULTS: Record<Fault["what"], (which: string) => string> = {
  changed: (which) => `${which} was changed, put in or moved: it does not follow from the one before it.`,
  missing: (which) => `${which} missing: removed, or moved.`,
  cut_off_at_beginning: (which) => `${which} missing: cut off at the beginning.`,
  cut_off_at_end: (which) => `${which} missing: cut off at the end.`,
  before_beginning: (which) => `${which} stands before the place where the record begins: somebody put it there.`,
  beyond_head: (which) => `${which} stands beyond the head of the record: somebody put it there.`,
  head_changed: (which) => `${which} is the newest, but the head of the record has another hash.`,
  checkpoint_forged: (which) =>
    `The record is said to begin after ${which}, but no event tells that what came before was removed because of its age.`,
  not_as_noted: (which) => `${which} has another hash than you noted: it, or something before it, was changed.`,
  removed_by_age: (which) => `${which} was removed because of its age. Give a newer one.`,
};

const verify: Command = {
  name: ["events", "verify"],
  usage: "countersign events verify [--expect ID:HASH] [--since ID:HASH]",
  help: `Checks that no event was changed, removed, moved or cut off. Exit status 1 at the first that was.
It prints the head of the record. Note it where nobody who can change the database can change it, and give it to
--expect later: the record must still contain it. --since checks only what came after, to go on with a check that was
stopped by Ctrl-C, or to save time.`,
  run: async (words) => {
    const { values } = readWords(words, { expect: { type: "string" }, since: { type: "string" } });
    const [expect, since] = [position("--expect", values.expect), position("--since", values.since)];
    return withAuth(async (auth) => {
      const bar = progressBar(process.stderr);
      using stop = untilInterrupted();
      const { signal } = stop;
      const options = { expect, since, signal, onProgress: bar.show };
      const verdict = await auth.events.verify(auth.operatorAuthority(), options);
      bar.clear();
      if (!verdict.ok) {
        console.log(`Not whole. ${FAULTS[verdict.fault.what](which(verdict.fault))}`);
        return 1;
      }
      const { at, first, begins, complete } = verdict;
      const range = begins === null ? "no events" : which({ id: first.id + 1, upTo: at.id }).replace(/^E/, "e");
      if (!complete) {
        console.log(`Stopped. Right so far: ${range}. Go on with --since ${at.id}:${at.hash}`);
        return 1;
      }
      console.log(`Whole: ${range}.`);
      if (since === undefined && first.id > 0) console.log(beginning(first, begins));
      console.log(`Head: ${at.id}:${at.hash}`);
      return 0;
    });
  },
};

const exportEvents: Command = {
  name: ["events", "export"],
  usage:
    "countersign events export --format jsonl|csv [--from DATE] [--to DATE] [--kind KIND] [--person LOGIN] [--after ID]",
  help: `Writes events to the standard output, the oldest first, as JSON lines or CSV.
DATE is a day such as 2026-01-31, which --to includes, or a time such as 2026-01-31T12:00Z, which --to does not; both in
UTC. --after goes on after an event that you have already. Making an export is recorded.`,
  run: async (words) => {
    const { values } = readWords(words, {
      ...{ format: { type: "string" }, from: { type: "string" }, to: { type: "string" }, kind: { type: "string" } },
      ...{ person: { type: "string" }, after: { type: "string" } },
    });
    const format = EXPORT_FORMATS.find((known) => known === values.format);
    if (format === undefined) throw new UsageError("--format is jsonl or csv");
    const kind = EVENT_KINDS.find((known) => known === values.kind);
    if (values.kind !== undefined && kind === undefined) throw new UsageError(`There is no kind ${values.kind}`);
    if (values.after !== undefined && !/^\d{1,15}$/.test(values.after)) throw new UsageError("--after is a number");
    const after = values.after === undefined ? undefined : Number(values.after);
    const filter = { kind, after, from: time("--from", values.from), to: time("--to", values.to, DAY) };
    return withAuth(async (auth) => {
      if (values.person === undefined) return write(auth, format, filter);
      const person = await auth.administration.findPersonByName(auth.operatorAuthority(), values.person);
      if (person !== undefined) return write(auth, format, { ...filter, userId: person.id });
      console.error("There is no such person.");
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
    for await (const { text, last } of await auth.events.export(OPERATOR, auth.operatorAuthority(), wanted)) {
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
  console.error(`Stopped. Go on with --after ${goOn}`);
  return 1;
}

function which({ id, upTo = id }: { id: number; upTo?: number }): string {
  return upTo === id ? `Event ${id}` : `Events ${id} to ${upTo}`;
}

/** The operator knows how old events may become; the program cannot tell whether somebody helped them along. */
function beginning({ id }: Position, begins: number | null): string {
  const oldest = begins === null ? "" : ` The oldest that is kept is of ${new Date(begins).toISOString()}.`;
  return `What came before, up to event ${id}, was removed because of its age.${oldest}`;
}

function position(option: string, text: string | undefined): Position | undefined {
  if (text === undefined) return undefined;
  const [, id, hash = ""] = /^(\d{1,15}):([\w-]{43})$/.exec(text) ?? [];
  if (id === undefined) throw new UsageError(`${option} is the head as an earlier check printed it, ID:HASH`);
  return { id: Number(id), hash };
}

/** Milliseconds; a day alone stands for its beginning, or for as much later as `day` says. */
function time(option: string, text: string | undefined, day = 0): number | undefined {
  if (text === undefined) return undefined;
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const at = isDay || /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new UsageError(`${option} is a day such as 2026-01-31 or a time such as 2026-01-31T12:00Z`);
  return isDay ? at + day : at;
}

/** A signal for the first Ctrl-C; the second ends the program at once, as it always does. */
function untilInterrupted(): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.once("SIGINT", abort);
  return { signal: controller.signal, [Symbol.dispose]: () => process.off("SIGINT", abort) };
}
