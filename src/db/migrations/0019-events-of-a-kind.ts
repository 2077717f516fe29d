import type { Migration } from "../migrate.ts";

export const eventsOfAKind: Migration = {
  name: "0019-events-of-a-kind",
  // The start page asks for one kind of event of one person, who may have many of every other.
  statements: () => ["create index events_by_user_and_kind on events (user_id, kind, id)"],
};
