// A process of its own with eight writers on one SQLite file, each of which says on a line of its own what it was told is
// written. It goes on until it is killed.

import { openDatabase } from "../../src/db/open.ts";
import { statement } from "../../src/db/statement.ts";

const WRITERS = 8;

const insert = statement((db, { key, time }: { key: string; time: number }) =>
  db.insertInto("rates").values({ key, used_until: time }),
);

const { transaction } = await openDatabase(process.argv[2] ?? "");
await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));

async function write(writer: number): Promise<void> {
  for (let time = 1; ; time++) {
    const key = `${writer}:${time}`;
    // Every third changes its mind, in the middle of what the others of the same commit do.
    const isKept = await transaction(async (tx) => {
      await insert.run(tx, { key, time });
      return { value: time % 3 !== 0, commit: time % 3 !== 0 };
    });
    process.stdout.write(`${isKept ? "written" : "undone"} ${key}\n`);
  }
}
