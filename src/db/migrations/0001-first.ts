// Every table, in the order of schema.ts, which says what they mean.

import { keepDirectory } from "../directory.ts";
import type { Migration, Spelling } from "../migration.ts";

/** In what people of `directory` are counted alike. */
const ALIKE = {
  role: "text",
  disabled: "integer",
  may_sign_in: "integer",
  has_email: "integer",
  required: "integer",
  asked: "integer",
  apps: "integer",
  has_codes: "integer",
  clock_off: "integer",
};

export const first: Migration = {
  name: "0001-first",
  statements: (spelling) => [...tables(spelling), ...keepDirectory(spelling)],
};

function tables({ time, number, table, searchable, counted, appendOnly, refuse }: Spelling): string[] {
  return [
    table(`installation (
      id integer primary key check (id = 1),
      key_check_sealed text not null,
      set_up_at ${time},
      administrators_changed_at ${time} not null,
      reminded_at ${time} not null,
      swept_at ${time} not null)`),

    table(`users (
      id text primary key,
      login text not null,
      name text not null,
      email text,
      role text not null,
      language text not null,
      time_zone text not null,
      password_hash text,
      changed_by_mail_at ${time},
      security_version integer not null,
      created_at ${time} not null,
      disabled_at ${time},
      last_sign_in_at ${time},
      warnings_read_at ${time} not null,
      search_text text not null,
      required_from ${time},
      reminded_at ${time})`),
    "create index users_by_role on users (role)",

    table(`groups (
      id text primary key,
      name text not null,
      name_key text not null unique,
      created_at ${time} not null)`),

    table(`group_members (
      group_id text not null references groups (id),
      user_id text not null references users (id),
      primary key (group_id, user_id))`),
    "create index group_members_by_user on group_members (user_id)",

    table(`user_names (
      name text primary key,
      user_id text not null references users (id),
      kind text not null check (kind in ('login', 'email')),
      unique (user_id, kind))`),

    table(`directory (
      number ${number},
      user_id text not null unique references users (id) on delete cascade,
      name text not null,
      search_text text not null,
      role text not null,
      disabled integer not null,
      may_sign_in integer not null,
      has_email integer not null,
      required integer not null,
      asked integer not null default 0,
      apps integer not null default 0,
      has_codes integer not null default 0,
      clock_off integer not null default 0,
      seen_on integer not null)`),
    "create index directory_by_name on directory (name, user_id, may_sign_in, apps, has_codes, clock_off)",
    "create index directory_by_day on directory (seen_on) where may_sign_in = 1",
    "create index directory_without_app on directory (role, has_email, required, asked, user_id) where apps = 0 and disabled = 0",
    "create index directory_apart on directory (user_id) where required = 1 or asked = 1",
    ...searchable("directory", "search_text"),

    ...counted("directory", "people_counts", ALIKE),

    table(`sessions (
      id text primary key,
      secret_hash text not null,
      user_id text not null references users (id),
      security_version integer not null,
      method text not null,
      known_browser_id text,
      address text not null,
      user_agent text not null,
      created_at ${time} not null,
      last_seen_at ${time} not null,
      expires_at ${time} not null,
      confirmed_at ${time})`),
    "create index sessions_by_user on sessions (user_id)",

    table(`pending_sign_ins (
      id text primary key,
      secret_hash text not null,
      user_id text not null references users (id),
      security_version integer not null,
      bucket text not null,
      wanted_page text not null,
      address text not null,
      user_agent text not null,
      chain text not null,
      misses integer not null,
      created_at ${time} not null,
      expires_at ${time} not null,
      cancelled_at ${time})`),
    "create index pending_sign_ins_by_user on pending_sign_ins (user_id)",

    table(`mailed_codes (
      sign_in_id text primary key,
      user_id text not null references users (id),
      code_hash_sealed text not null,
      created_at ${time} not null,
      expires_at ${time} not null)`),
    "create index mailed_codes_by_user on mailed_codes (user_id)",

    table(`known_browsers (
      id text primary key,
      secret_hash text not null,
      user_id text not null references users (id),
      user_agent text not null,
      created_at ${time} not null,
      last_used_at ${time} not null)`),
    "create index known_browsers_by_user on known_browsers (user_id)",

    table(`trusted_browsers (
      id text primary key,
      secret_hash text not null,
      user_id text not null references users (id),
      security_version integer not null,
      user_agent text not null,
      created_at ${time} not null,
      last_used_at ${time} not null,
      expires_at ${time} not null)`),
    "create index trusted_browsers_by_user on trusted_browsers (user_id)",

    table(`authenticators (
      id text primary key,
      user_id text not null references users (id),
      name text not null,
      secret_sealed text not null,
      algorithm text not null check (algorithm in ('SHA1', 'SHA256', 'SHA512')),
      digits integer not null check (digits in (6, 8)),
      period integer not null check (period between 15 and 120),
      last_step ${time} not null,
      drift_steps integer not null,
      created_at ${time} not null,
      last_used_at ${time} not null,
      goes_at ${time},
      replaced_by text)`),
    "create index authenticators_by_user on authenticators (user_id)",
    "create index authenticators_going on authenticators (goes_at) where goes_at is not null",

    table(`recovery_code_sets (
      user_id text primary key references users (id),
      id text not null unique,
      made_at ${time} not null,
      kept_at ${time})`),

    table(`recovery_codes (
      id text primary key,
      set_id text not null,
      selector text not null,
      code_hash_sealed text not null,
      used_at ${time},
      used_address text,
      used_user_agent text,
      unique (set_id, selector))`),

    table(`enrolments (
      user_id text primary key references users (id),
      id text not null unique,
      session_id text not null,
      replaces text,
      secret_sealed text not null,
      algorithm text not null check (algorithm in ('SHA1', 'SHA256', 'SHA512')),
      digits integer not null check (digits in (6, 8)),
      period integer not null check (period between 15 and 120),
      created_at ${time} not null,
      expires_at ${time} not null)`),

    table(`attempts (
      subject text not null,
      bucket text not null,
      kind text not null,
      misses integer not null,
      blocked_until ${time} not null,
      first_at ${time} not null,
      last_at ${time} not null,
      primary key (subject, bucket, kind))`),

    table(`rates (key text primary key, used_until ${time} not null)`),

    table(`policies (
      scope text primary key,
      requirement text check (requirement in ('optional', 'encouraged', 'required')),
      required_since ${time},
      required_from ${time},
      grace_days integer,
      skips integer,
      factors text,
      trust_days integer,
      session_hours integer,
      endless_keys integer,
      rescue text check (rescue in ('at-once', 'waiting', 'approval')),
      rescue_wait_hours integer,
      self_rescue integer,
      changed_at ${time} not null)`),

    table(`rescues (
      user_id text primary key references users (id),
      id text not null unique,
      secret_hash text not null,
      way text not null check (way in ('reset', 'shown-link', 'mailed-link', 'self')),
      reason text not null,
      asked_by text references users (id),
      asked_at ${time} not null,
      ready_at ${time},
      expires_at ${time} not null)`),

    table(`askings (
      user_id text not null references users (id),
      scope text not null,
      since ${time} not null,
      sign_ins integer not null,
      primary key (user_id, scope))`),

    table(`tickets (
      id text primary key,
      secret_hash text not null,
      purpose text not null,
      user_id text references users (id),
      security_version integer not null,
      created_at ${time} not null,
      expires_at ${time} not null,
      used_at ${time})`),
    "create index tickets_by_user on tickets (user_id)",

    table(`email_undos (
      user_id text primary key references users (id),
      id text not null unique,
      secret_hash text not null,
      email text not null,
      expires_at ${time} not null)`),
    "create index email_undos_by_email on email_undos (email)",

    table(`password_reset_requests (
      id text primary key,
      name_sealed text not null,
      address text not null,
      user_agent text not null,
      request_id text not null,
      created_at ${time} not null)`),

    table(`events (
      id ${time} primary key,
      at ${time} not null,
      kind text not null,
      actor_id text,
      user_id text,
      session_id text,
      address text not null,
      user_agent text not null,
      request_id text not null,
      node text not null,
      details text not null,
      hash text not null)`),
    "create index events_by_user on events (user_id, id)",
    // Every sign-in is an event, and should be in few indexes. It is found by whom it is about.
    "create index events_by_actor on events (actor_id, id) where user_id is null or user_id <> actor_id",
    "create index events_by_kind on events (kind, id) where kind <> 'sign_in.succeeded'",
    // The start page asks for these of one person, who may have many of every other.
    "create index events_of_sign_ins on events (user_id, kind, id) where kind in ('sign_in.succeeded', 'sign_in.abandoned')",

    table(`event_head (id integer primary key check (id = 1), last_event ${time} not null, hash text not null)`),
    "insert into event_head (id, last_event, hash) values (1, 0, '')",

    table(
      `event_checkpoint (id integer primary key check (id = 1), last_removed ${time} not null, hash text not null)`,
    ),
    "insert into event_checkpoint (id, last_removed, hash) values (1, 0, '')",
    ...appendOnly("events", "select last_removed from event_checkpoint"),
    ...refuse("event_checkpoint", "insert", "true"),
    ...refuse("event_checkpoint", "delete", "true"),
    // It only moves on, to an event that is there, and tells its hash.
    ...refuse(
      "event_checkpoint",
      "update",
      `new.last_removed <= old.last_removed
        or not exists (select 1 from events where id = new.last_removed and hash = new.hash)`,
    ),

    table(`mails (
      id text primary key,
      user_id text,
      kind text not null,
      recipient text not null,
      content_sealed text,
      created_at ${time} not null,
      tries integer not null,
      next_try_at ${time} not null,
      sent_at ${time},
      last_error text)`),
    "create index mails_to_send on mails (next_try_at) where sent_at is null",
    "create index mails_by_time on mails (created_at, id)",

    table(`api_keys (
      id text primary key,
      key_hash text not null unique,
      user_id text not null references users (id),
      name text not null,
      scopes text not null,
      last_four text not null,
      created_at ${time} not null,
      expires_at ${time} not null,
      last_used_at ${time},
      last_used_address text,
      revoked_at ${time})`),
    "create index api_keys_by_user on api_keys (user_id)",

    table(`jobs (
      id text primary key,
      act text not null,
      parameters text not null,
      actor_id text not null references users (id),
      security_version integer not null,
      session_id text not null,
      address text not null,
      user_agent text not null,
      request_id text not null,
      state text not null,
      stopped_because text,
      total integer not null,
      created_at ${time} not null,
      begun_at ${time},
      finished_at ${time},
      leased_by text not null,
      leased_until ${time} not null)`),

    table(`job_items (
      job_id text not null references jobs (id) on delete cascade,
      position integer not null,
      user_id text not null references users (id),
      state text not null,
      reason text,
      done_at ${time},
      primary key (job_id, position))`),
    "create index job_items_waiting on job_items (job_id, position) where state = 'waiting'",
  ];
}
