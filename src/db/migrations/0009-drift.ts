import type { Migration } from "../migrate.ts";

export const drift: Migration = {
  name: "0009-drift",
  statements: () => ["alter table authenticators add column drift_steps integer not null default 0"],
};
