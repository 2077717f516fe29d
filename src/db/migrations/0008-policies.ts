import type { Migration } from "../migrate.ts";

export const policies: Migration = {
  name: "0008-policies",
  statements: ({ time, table }) => [
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
      changed_at ${time} not null)`),
    `alter table installation add column reminded_at ${time} not null default 0`,
    `alter table users add column asked_at ${time}`,
    "alter table users add column asked_sign_ins integer not null default 0",
    `alter table users add column reminded_at ${time}`,
  ],
};
