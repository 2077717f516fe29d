import type { Migration } from "../migrate.ts";

export const groups: Migration = {
  name: "0007-groups",
  statements: ({ time, table }) => [
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
  ],
};
