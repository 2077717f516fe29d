// What the databases do for each statement of a company's day when there are very many rows: no table is gone through
// that should not be, and no index is there for nothing. Whoever signs in pays for each index of what a sign-in writes,
// and waits for whatever goes through a table where people are served.

import assert from "node:assert/strict";
import { test } from "node:test";
import { migrate } from "../../src/db/migrate.ts";
import { openDatabase } from "../../src/db/open.ts";
import { liveThroughADay } from "../support/company.ts";
import { openWatched, type Sent } from "../support/faulty-database.ts";
import { fill } from "../support/fill.ts";
import { openExplainer } from "../support/plans.ts";
import { createInstallation } from "../support/server-process.ts";
import { createWorld, type Dialect, onBothDatabases } from "../support/world.ts";

const ROWS = 100_000;
/** Tables of so few rows are read as a whole, whatever indexes they have. */
const SMALL = 1_000;

type Meant = { statement: RegExp; because: string };

/** Where people are served. */
const SERVING: readonly Meant[] = [
  {
    statement: /^(?!.*(?:"(?:user|actor)_id" =|events\.kind <>)).*from "events" .*order by "events"."id" desc limit/s,
    because: "the newest events are the last: all of them, or of sign-ins, of which every third event is one",
  },
  {
    statement: /from "password_reset_requests" order by "created_at", "id" limit/,
    because: "budgets let in 1,200 an hour, and each is removed when it is answered, by the next turn of the loop",
  },
];

/** What is asked of reports holds nobody up, and yet it should be known what grows. */
const REPORTS: readonly Meant[] = [
  {
    statement: /^select distinct "\w+" as key from "\w+"\s+where "\w+" > \S+ and/,
    because: "what is over is looked for once an hour, by one node; it grows with the table",
  },
  {
    statement: /^select distinct user_id from "directory"\s+where apps = 0 and user_id > /,
    because: "whom to remind of a second factor is looked for once an hour, by one node, where a rule requires one",
  },
  {
    statement: /from "pending_sign_ins" where "expires_at" <= /,
    because: "once a minute; it grows with the right passwords of ten minutes that no code followed",
  },
  {
    statement: /from \(select "user_id", "name" from "directory".*order by "name", "user_id" limit/,
    because: "people in order until the page is full, past those who are not in the state; further pages take longer",
  },
  {
    statement: /from "directory" where search_text like /,
    because:
      "two characters are too few for the index of three; it grows with the people, a fifth of a second a million",
  },
  {
    statement: /from "directory" where "user_id" in \(select "user_id" from "group_members"/,
    because: "a large group is joined as a whole; it grows with the group",
  },
  {
    statement: /^\s*select role, has_email, .* group by role, has_email/s,
    because:
      "people who are alike are counted when a rule is rehearsed; it grows with those without a second factor, or with those who trust a browser",
  },
  {
    statement: /^select distinct user_id from "api_keys"\s+where revoked_at is null/,
    because: "keys are few beside people; a rule is rehearsed with them",
  },
  {
    statement: /from "mails" (where "sent_at" is null )?order by "created_at" desc, "id" desc limit/,
    because: "the outbox in order until the page is full, past those that are sent; it grows with the mails of 30 days",
  },
  {
    statement: /from "authenticators" where "last_used_at" >= .* order by "id" limit/,
    because: "a thousand phones tell the time; it is over when they are found",
  },
];

const met = new Set<Meant>();

onBothDatabases("the plans of a large company's databases", (dialect) => {
  test("go through no table that they should not, and use every index", { timeout: 120_000 }, async (t) => {
    const sent = await statementsOfADay(dialect);
    await using place = await openPlace(dialect);
    const { explainer } = place;
    const began = performance.now();
    await fill(explainer, dialect, ROWS, Date.now());
    t.diagnostic(`${(performance.now() - began).toFixed()} ms to fill`);
    const { rows, indexes } = await explainer.contents();
    const used = new Set<string>();
    const scans: string[] = [];
    // On SQLite nobody asks for statistics, so what it does without them counts most.
    for (const analysed of dialect === "sqlite" ? [false, true] : [true]) {
      if (analysed) await explainer.exec("analyze");
      for (const { sql, values, isReport } of sent) {
        const plan = await explainer.explain({ sql, values });
        for (const index of plan.indexes) used.add(index);
        if (plan.scans.every((table) => (rows.get(table) ?? 0) <= SMALL)) continue;
        const meant = [...SERVING, ...(isReport ? REPORTS : [])].find(({ statement }) => statement.test(sql));
        if (meant !== undefined) met.add(meant);
        else scans.push(`${plan.scans}: ${sql}`);
      }
    }
    const unused = indexes.filter((index) => !used.has(index));
    assert.deepEqual({ scans, unused }, { scans: [], unused: [] });
    assert.ok(sent.length > 150, `a day of ${sent.length} statements`);
  });
});

test("what is meant to go through a table does so somewhere", () => {
  const others = [...SERVING, ...REPORTS].filter((meant) => !met.has(meant));
  assert.deepEqual(others, []);
});

/** Every statement that the program sends in a day, each once. */
async function statementsOfADay(dialect: Dialect): Promise<Sent[]> {
  const all = new Map<string, Sent>();
  let isWatching = false;
  const see = (sent: Sent) => {
    // Who asks where people are served counts, if both do.
    if (isWatching && all.get(sent.sql)?.isReport !== false) all.set(sent.sql, sent);
  };
  await using world = await createWorld(dialect, { host: { openDatabase: (url) => openWatched(url, see) } });
  isWatching = true;
  await liveThroughADay(world);
  isWatching = false;
  return [...all.values()];
}

async function openPlace(dialect: Dialect) {
  const installation = await createInstallation(dialect);
  const { db, close } = await openDatabase(installation.databaseUrl);
  await migrate(db, { dialect, now: 0 });
  await close();
  const explainer = await openExplainer(dialect, installation.databaseUrl);
  return {
    explainer,
    [Symbol.asyncDispose]: async () => {
      await explainer[Symbol.asyncDispose]();
      await installation[Symbol.asyncDispose]();
    },
  };
}
