import type { Migration } from "../migrate.ts";

export const jobs: Migration = {
  name: "0017-jobs",
  statements: ({ time, table }) => [
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
      leased_by text not null default '',
      leased_until ${time} not null default 0
    )`),
    "create index jobs_by_state on jobs (state, begun_at)",
    table(`job_items (
      job_id text not null references jobs (id) on delete cascade,
      position integer not null,
      user_id text not null references users (id),
      state text not null,
      reason text,
      done_at ${time},
      primary key (job_id, position)
    )`),
  ],
};
