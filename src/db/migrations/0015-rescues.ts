import type { Migration } from "../migrate.ts";

export const rescues: Migration = {
  name: "0015-rescues",
  statements: ({ time, table }) => [
    "alter table policies add column rescue text check (rescue in ('at-once', 'waiting', 'approval'))",
    "alter table policies add column rescue_wait_hours integer",
    "alter table policies add column self_rescue integer",
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
  ],
};
