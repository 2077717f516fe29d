import type { Migration } from "../migrate.ts";

export const trustedBrowsers: Migration = {
  name: "0003-trusted-browsers",
  statements: ({ time, table }) => [
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
  ],
};
