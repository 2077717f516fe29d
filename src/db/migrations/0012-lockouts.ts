import type { Migration } from "../migrate.ts";

export const lockouts: Migration = {
  name: "0012-lockouts",
  statements: ({ time }) => [
    `alter table attempts add column first_at ${time} not null default 0`,
    "update attempts set first_at = last_at",
    "alter table known_browsers add column user_agent text not null default ''",
  ],
};
