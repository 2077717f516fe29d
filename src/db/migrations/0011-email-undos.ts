import type { Migration } from "../migrate.ts";

export const emailUndos: Migration = {
  name: "0011-email-undos",
  statements: ({ time, table }) => [
    table(`email_undos (
      user_id text primary key references users (id),
      id text not null unique,
      secret_hash text not null,
      email text not null,
      expires_at ${time} not null)`),
    "create index email_undos_by_email on email_undos (email)",
  ],
};
