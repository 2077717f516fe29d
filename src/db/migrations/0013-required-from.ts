import type { Migration } from "../migrate.ts";

export const requiredFrom: Migration = {
  name: "0013-required-from",
  statements: ({ time }) => [`alter table users add column required_from ${time}`],
};
