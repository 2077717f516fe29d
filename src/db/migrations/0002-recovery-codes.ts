import type { Migration } from "../migrate.ts";

export const recoveryCodes: Migration = {
  name: "0002-recovery-codes",
  statements: ({ time, table }) => [
    table(`recovery_code_sets (
      user_id text primary key references users (id),
      id text not null unique,
      made_at ${time} not null,
      kept_at ${time})`),

    table(`recovery_codes (
      id text primary key,
      set_id text not null,
      selector text not null,
      code_hash_sealed text not null,
      used_at ${time},
      used_address text,
      used_user_agent text,
      unique (set_id, selector))`),
  ],
};
