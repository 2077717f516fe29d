import type { Migration } from "../migrate.ts";

export const apiKeys: Migration = {
  name: "0004-api-keys",
  statements: ({ time, table }) => [
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
    "create index api_keys_by_expiry on api_keys (expires_at)",
  ],
};
