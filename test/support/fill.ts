// Very many rows of everything that people, attackers and years leave behind, by a few statements.

import type { Explainer } from "./plans.ts";
import type { Dialect } from "./world.ts";

const DAY = 86_400_000;

/** Fills the tables that can grow with so many rows, and the others with few; nothing in the database looks after them. */
export async function fill({ exec, list }: Explainer, dialect: Dialect, rows: number, now: number): Promise<void> {
  const made = (type: "trigger" | "index") =>
    list(`select name, sql from sqlite_master where type = '${type}' and sql is not null`);
  const triggers = dialect === "sqlite" ? await made("trigger") : [];
  const indexes = dialect === "sqlite" ? await made("index") : await list(INDEXES_OF_POSTGRES);
  // As if what is written came from elsewhere: no triggers, no references, and indexes afterwards, which is sooner done.
  if (dialect === "sqlite") await exec("pragma synchronous = off; pragma cache_size = -100000; begin");
  else await exec("begin; set local session_replication_role = replica; set local synchronous_commit = off");
  for (const { name } of triggers) await exec(`drop trigger ${name}`);
  for (const { name } of indexes) await exec(`drop index ${name}`);
  for (const [table, [columns, values]] of Object.entries(tables(now))) {
    const many = FEW.has(table) ? 200 : SOME.has(table) ? rows / 10 : rows;
    const numbers =
      dialect === "sqlite"
        ? `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${many})`
        : `with numbers (n) as (select n::bigint from generate_series(1, ${many}) n)`;
    await exec(
      dialect === "sqlite"
        ? `insert into ${table} (${columns}) ${numbers} select ${values} from numbers`
        : `${numbers} insert into ${table} (${columns}) select ${values} from numbers`,
    );
  }
  for (const { sql } of [...indexes, ...triggers]) await exec(String(sql));
  await exec("commit");
}

const INDEXES_OF_POSTGRES = `select indexname as name, indexdef as sql from pg_indexes
  where schemaname = 'public' and indexname not in (select conname from pg_constraint)`;

/** Groups are 200 at most; jobs are as many as administrators begin, rescues as people wait for one. */
const FEW = new Set(["groups", "jobs", "rescues"]);
/** What few people have at a time, and what is asked for by its key alone. */
const SOME = new Set(
  ["mailed_codes", "enrolments", "tickets", "email_undos", "password_reset_requests", "api_keys"].concat([
    "user_names",
    "recovery_code_sets",
    "recovery_codes",
    "job_items",
  ]),
);

/** The columns of each table and what is in them; `n` counts the rows. */
function tables(now: number): Record<string, [columns: string, values: string]> {
  const id = (prefix: string) => `'${prefix}' || (1000000 + n)`;
  const user = id("u");
  // Somewhere among all, as people are.
  const somebody = "'u' || (1000000 + n * 499)";
  const ago = `${now} - (n % 400) * ${DAY} - n`;
  const later = `${now} + (n % 100) * 60000 + 60000`;
  const name = "'Name ' || ((n * 31) % 1009)";
  const search = "'name ' || ((n * 31) % 1009) || ' login' || n";
  const role = "case when n % 1000 = 0 then 'support' else 'person' end";
  const app = "'Phone', '', 'SHA1', 6, 30";
  return {
    users: [
      `id, login, name, email, role, language, time_zone, password_hash, security_version, created_at, last_sign_in_at,
       warnings_read_at, search_text`,
      `${user}, 'login' || n, ${name}, 'login' || n || '@example.org', ${role}, 'en', 'UTC', 'x', 1, ${ago}, ${ago},
       0, ${search}`,
    ],
    groups: ["id, name, name_key, created_at", "'g' || n, 'Group ' || n, 'group ' || n, 0"],
    group_members: ["group_id, user_id", `'g' || (n % 200), ${user}`],
    user_names: ["name, user_id, kind", `'login' || n, ${user}, 'login'`],
    directory: [
      `user_id, name, search_text, role, disabled, may_sign_in, has_email, required, asked, apps, has_codes,
       clock_off, seen_on`,
      `${user}, ${name}, ${search}, ${role}, 0, 1, 1, 0, case when n % 10 = 0 then 1 else 0 end, case when n % 3 = 0 then 0 else 1 end, n % 2,
       case when n % 50 = 0 then 1 else 0 end, (${ago}) / ${DAY}`,
    ],
    sessions: [
      `id, secret_hash, user_id, security_version, method, address, user_agent, created_at, last_seen_at, expires_at`,
      `${id("s")}, '', ${user}, 1, 'password', '192.0.2.1', '', ${now}, ${now} - n, ${later}`,
    ],
    pending_sign_ins: [
      `id, secret_hash, user_id, security_version, bucket, wanted_page, address, user_agent, chain, misses, created_at,
       expires_at`,
      `${id("p")}, '', ${user}, 1, 'strangers', '/', '192.0.2.1', '', ${id("p")}, 0, ${now}, ${later}`,
    ],
    mailed_codes: [
      "sign_in_id, user_id, code_hash_sealed, created_at, expires_at",
      `${id("p")}, ${user}, '', 0, ${later}`,
    ],
    known_browsers: [
      "id, secret_hash, user_id, user_agent, created_at, last_used_at",
      `${id("k")}, '', ${user}, '', ${ago}, ${ago}`,
    ],
    trusted_browsers: [
      "id, secret_hash, user_id, security_version, user_agent, created_at, last_used_at, expires_at",
      `${id("t")}, '', ${user}, 1, '', ${ago}, ${ago}, ${later}`,
    ],
    authenticators: [
      `id, user_id, name, secret_sealed, algorithm, digits, period, last_step, drift_steps, created_at, last_used_at,
       goes_at`,
      `${id("a")}, ${user}, ${app}, 1, 0, ${ago}, ${ago}, case when n % 1000 = 0 then ${later} end`,
    ],
    recovery_code_sets: ["user_id, id, made_at", `${user}, ${id("c")}, ${ago}`],
    recovery_codes: ["id, set_id, selector, code_hash_sealed", `${id("r")}, ${id("c")}, 'a', ''`],
    enrolments: [
      `user_id, id, session_id, replaces, secret_sealed, algorithm, digits, period, created_at, expires_at`,
      `${user}, ${id("e")}, ${id("s")}, ${app}, 0, ${later}`,
    ],
    attempts: [
      "subject, bucket, kind, misses, blocked_until, first_at, last_at",
      `${user}, 'strangers', 'password', 1, 0, ${now}, ${now}`,
    ],
    rates: ["key, used_until", `'address:' || n, ${later}`],
    rescues: [
      "user_id, id, secret_hash, way, reason, asked_by, asked_at, expires_at",
      `${somebody}, ${id("w")}, '', 'reset', '', ${somebody}, ${now}, ${later}`,
    ],
    askings: ["user_id, scope, since, sign_ins", `${user}, 'everyone', ${ago}, 1`],
    tickets: [
      "id, secret_hash, purpose, user_id, security_version, created_at, expires_at",
      `${id("i")}, '', 'invitation', ${user}, 1, ${ago}, ${later}`,
    ],
    email_undos: [
      "user_id, id, secret_hash, email, expires_at",
      `${user}, ${id("z")}, '', 'old' || n || '@example.org', ${later}`,
    ],
    password_reset_requests: [
      "id, name_sealed, address, user_agent, request_id, created_at",
      `${id("q")}, '', '192.0.2.1', '', '', ${now}`,
    ],
    events: [
      "id, at, kind, actor_id, user_id, address, user_agent, request_id, node, details, hash",
      `1000 + n, ${now}, case when n % 3 = 0 then 'sign_in.succeeded' else 'kind.' || (n % 20) end, ${user},
       case when n % 7 = 0 then null when n % 5 = 0 then 'u' || (1100000 - n) else ${user} end,
       '192.0.2.1', '', '', '', '{}', ''`,
    ],
    mails: [
      "id, user_id, kind, recipient, created_at, tries, next_try_at, sent_at",
      `${id("m")}, ${user}, 'invitation', '', ${ago}, 1, ${later}, case when n % 100 > 0 then ${now} end`,
    ],
    api_keys: [
      "id, key_hash, user_id, name, scopes, last_four, created_at, expires_at",
      `${id("y")}, ${id("y")}, ${user}, '', '', '', ${ago}, ${later}`,
    ],
    jobs: [
      `id, act, parameters, actor_id, security_version, session_id, address, user_agent, request_id, state, total,
       created_at, begun_at, leased_by, leased_until`,
      `'j' || n, 'sign-out', '{}', ${somebody}, 1, '', '', '', '', 'done', 200, ${ago}, ${ago}, '', 0`,
    ],
    job_items: [
      "job_id, position, user_id, state",
      `'j' || (n % 200), n / 200, ${user}, case when n % 10 = 0 then 'waiting' else 'done' end`,
    ],
  };
}
