// Very many people, written straight into a SQLite database of Countersign by a few statements, as years would have left
// them: who has which factors, when they were last here, what was recorded of it. Nobody knows their passwords.

import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { newId } from "../../src/crypto/token.ts";

const DAY = 86_400_000;
const FIRST =
  "Anna Bela Chen Dana Emre Femi Greta Hugo Ines Jonas Kofi Lena Mila Noor Omar Petra Qiang Rosa Samir Tariq Uma Vera";
const LAST =
  "Adler Braun Costa Dubois Eriksen Fischer Garcia Haddad Ivanova Jansen Kaya Lopez Meyer Nguyen Okafor Patel Rossi";

/**
 * Adds so many people to a database that has one with an authenticator already, and that nobody has open. Returns the
 * login of one of them.
 */
export function addCrowd(path: string, count: number): string {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  // Nothing is kept of it if it fails.
  database.exec("pragma journal_mode = memory; pragma synchronous = off; pragma cache_size = -400000; begin");
  database.function("new_id", () => newId(randomBytes));
  database.function(
    "chosen",
    (names, at) => String(names).split(" ")[Number(at) % String(names).split(" ").length] ?? "",
  );
  database.exec(crowd(count, Date.now()));
  for (const statement of TABLES) database.exec(statement);
  database.exec("commit; pragma journal_mode = wal");
  const one = database.prepare("select login from users where id = (select id from crowd where n = ?)").get(count >> 1);
  database.close();
  return String(one?.login);
}

/** A temporary table from which all others are filled. `luck` and `part` are from 0 to 99 and know nothing of each other. */
function crowd(count: number, now: number): string {
  return `
    create temp table crowd as
    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count}),
      drawn as (select n, abs(random()) as r from numbers)
    select new_id() as id, n, chosen('${FIRST}', (r >> 8) % 1000) as first, chosen('${LAST}', (r >> 16) % 1000) as last,
      (r >> 24) % 100 as luck, (r >> 32) % 100 as part,
      ${now} - ${DAY} * case when (r >> 40) % 100 < 85 then (r >> 48) % 30 else 60 + (r >> 48) % 300 end as seen_at,
      ${now} - ${DAY} * (400 + n % 400) as created_at, ${now} as now
    from drawn`;
}

/** What some of the people have. */
const HAS_APP = "luck < 70";
const SIGNS_IN = "part < 92";
const LOGIN = "lower(first || '.' || last) || n";
/** A ciphertext that the keys of the installation fit, as its start makes sure of. */
const SEALED = "(select secret_sealed from authenticators limit 1)";

const TABLES = [
  `insert into users (id, login, name, email, role, language, time_zone, password_hash, security_version, created_at,
     disabled_at, last_sign_in_at, warnings_read_at, search_text)
   select id, ${LOGIN}, first || ' ' || last, ${LOGIN} || '@example.org', 'person', 'en', 'UTC',
     iif(part < 96, (select password_hash from users where password_hash is not null limit 1), null), 1, created_at,
     iif(part between 92 and 95, seen_at, null), iif(part < 96, seen_at, null), 0,
     lower(first || ' ' || last || ' ' || ${LOGIN} || ' ' || ${LOGIN} || '@example.org')
   from crowd`,
  `insert into user_names (name, user_id, kind)
   select ${LOGIN}, id, 'login' from crowd union all select ${LOGIN} || '@example.org', id, 'email' from crowd`,
  `insert into groups (id, name, name_key, created_at)
   select distinct 'group' || (n % 10), 'Group ' || (n % 10), 'group ' || (n % 10), 0 from crowd`,
  "insert into group_members (group_id, user_id) select 'group' || (n % 10), id from crowd",
  // Three in a hundred have a second app, and one in thirty a phone whose clock is off.
  `insert into authenticators (id, user_id, name, secret_sealed, algorithm, digits, period, last_step, drift_steps,
     created_at, last_used_at, goes_at, replaced_by)
   select id || second, id, 'Authenticator app', ${SEALED}, 'SHA1', 6, 30, 1, iif(luck % 30 = 7, 3, 0), created_at, seen_at,
     null, null
   from crowd join (select '' as second union all select 'b') on ${HAS_APP} and (second = '' or luck < 3)`,
  `insert into recovery_code_sets (user_id, id, made_at, kept_at)
   select id, 'set' || id, created_at, created_at from crowd where luck < 60`,
  // One that is left, of ten: it is asked for by whom there is one.
  `insert into recovery_codes (id, set_id, selector, code_hash_sealed, used_at, used_address, used_user_agent)
   select id, 'set' || id, 'a', ${SEALED}, null, null, null from crowd where luck < 60`,
  `insert into known_browsers (id, secret_hash, user_id, user_agent, created_at, last_used_at)
   select id, '', id, '', created_at, seen_at from crowd where ${SIGNS_IN}`,
  `insert into trusted_browsers (id, secret_hash, user_id, security_version, user_agent, created_at, last_used_at, expires_at)
   select id, '', id, 1, '', seen_at, seen_at, now + ${30 * DAY} from crowd where luck between 40 and 59`,
  `insert into sessions (id, secret_hash, user_id, security_version, method, known_browser_id, address, user_agent,
     created_at, last_seen_at, expires_at, confirmed_at)
   select id, '', id, 1, 'password', null, '', '', now, now, now + ${DAY}, null from crowd where part < 5`,
  `insert into events (id, at, kind, actor_id, user_id, session_id, address, user_agent, request_id, node, details, hash)
   select (select last_event from event_head) + row_number() over (), seen_at, 'sign_in.succeeded', id, id,
     null, '198.18.0.1', '', id, 'crowd', '{}', ''
   from crowd where ${SIGNS_IN}`,
  "update event_head set last_event = (select max(id) from events)",
];
