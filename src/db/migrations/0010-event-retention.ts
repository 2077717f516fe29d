import type { Migration } from "../migrate.ts";

export const eventRetention: Migration = {
  name: "0010-event-retention",
  statements: ({ time, table, trimmable, refuse }) => [
    table(
      `event_checkpoint (id integer primary key check (id = 1), last_removed ${time} not null, hash text not null)`,
    ),
    "insert into event_checkpoint (id, last_removed, hash) values (1, 0, '')",
    ...refuse("event_checkpoint", "insert", "true"),
    ...refuse("event_checkpoint", "delete", "true"),
    // It only moves on, to an event that is there, and tells its hash.
    ...refuse(
      "event_checkpoint",
      "update",
      `new.last_removed <= old.last_removed
        or not exists (select 1 from events where id = new.last_removed and hash = new.hash)`,
    ),
    ...trimmable("events", "select last_removed from event_checkpoint"),
  ],
};
