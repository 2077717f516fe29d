// A real database whose calls fail where a test says: before they take effect, as on a full disk, or after, as when the
// connection breaks before the answer.

import type { Connection, Driver } from "../../src/db/driver.ts";
import { type Database, databaseOn, driverOf } from "../../src/db/open.ts";

/** Which call fails next, counted from now, and how; nothing fails while `in` is undefined. */
export type Fault = { in: number | undefined; when: "before" | "after"; calls: string[]; error?: Error };

/** A database that works. */
export function noFault(): Fault {
  return { in: undefined, when: "before", calls: [] };
}

/** Opens the database of a URL so that it fails where the fault says. */
export async function openFaulty(url: string, fault: Fault): Promise<Database> {
  /** Counts a call, and tells whether it is the one that fails. */
  const strikes = (name: string): boolean => {
    if (fault.in === undefined) return false;
    fault.calls.push(name);
    if (fault.in-- > 0) return false;
    fault.in = undefined;
    return true;
  };
  const call = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const isStruck = strikes(name);
    if (isStruck && fault.when === "before") throw fault.error ?? new Error("the disk is full");
    const result = await work();
    if (isStruck) throw new Error("the connection is gone");
    return result;
  };
  const wrap = (real: Connection): Connection => ({
    execute: (text, values) => call(text.sql, () => real.execute(text, values)),
  });

  const real = await driverOf(url);
  const driver: Driver = {
    ...real,
    connection: wrap(real.connection),
    reports: wrap(real.reports),
    transaction: async (work) => {
      // A begin that took effect and failed none the less would leave a connection that no pool keeps.
      if (fault.when === "before") await call("begin", async () => {});
      let isLost = false;
      const value = await real.transaction(async (connection) => {
        const ended = await work(wrap(connection));
        if (!ended.commit) return ended;
        await ended.last;
        const isStruck = strikes("commit");
        if (isStruck && fault.when === "before") throw fault.error ?? new Error("the disk is full");
        isLost = isStruck;
        return ended;
      });
      if (isLost) throw new Error("the connection is gone");
      return value;
    },
  };
  return databaseOn(driver);
}

/** A statement as it is sent, and whether it is asked of `reports`. */
export type Sent = { sql: string; values: readonly unknown[]; isReport: boolean };

/** Opens the database of a URL, and tells of every statement that it is given. */
export async function openWatched(url: string, see: (sent: Sent) => void): Promise<Database> {
  const wrap = (real: Connection, isReport: boolean): Connection => ({
    execute: (text, values) => {
      see({ sql: text.sql, values, isReport });
      return real.execute(text, values);
    },
  });
  const real = await driverOf(url);
  return databaseOn({
    ...real,
    connection: wrap(real.connection, false),
    reports: wrap(real.reports, true),
    transaction: (work) => real.transaction((connection) => work(wrap(connection, false))),
  });
}
