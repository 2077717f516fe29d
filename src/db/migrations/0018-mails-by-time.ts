import type { Migration } from "../migrate.ts";

export const mailsByTime: Migration = {
  name: "0018-mails-by-time",
  statements: () => ["create index mails_by_time on mails (created_at, id)"],
};
