import type { Migration } from "../migrate.ts";

export const mailedCodes: Migration = {
  name: "0014-mailed-codes",
  statements: ({ time, table }) => [
    table(`mailed_codes (
      sign_in_id text primary key,
      user_id text not null references users (id),
      code_hash_sealed text not null,
      created_at ${time} not null,
      expires_at ${time} not null)`),
    "create index mailed_codes_by_user on mailed_codes (user_id)",
    `alter table users add column changed_by_mail_at ${time}`,
  ],
};
