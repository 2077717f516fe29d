import type { Migration } from "../migrate.ts";

export const askings: Migration = {
  name: "0016-askings",
  statements: ({ time, table }) => [
    table(`askings (
      user_id text not null references users (id),
      scope text not null,
      since ${time} not null,
      sign_ins integer not null,
      primary key (user_id, scope))`),
    `insert into askings (user_id, scope, since, sign_ins)
      select users.id, scope, asked_at, asked_sign_ins from users, policies
      where requirement = 'required' and asked_at >= coalesce(required_since, 0)
        and (scope = 'everyone' or scope = 'role:' || role
          or scope in (select 'group:' || group_id from group_members where user_id = users.id))`,
    "alter table users drop column asked_at",
    "alter table users drop column asked_sign_ins",
  ],
};
