// What a migration is. The first one makes the whole schema; those that follow only add to it, so that nodes of the
// version before go on working beside the new ones.

/** How one dialect spells what differs. */
export type Spelling = {
  /** The integer type that holds milliseconds. */
  time: string;
  /** `create table` with the strictest typing there is. */
  table(definition: string): string;
  /**
   * Statements that make a table refuse updates and deletions, besides that of its oldest rows, up to the id that the
   * query `removable` gives.
   */
  appendOnly(table: string, removable: string): string[];
  /** Statements that make a table refuse an act on a row, when a condition on `old` and `new` is true. */
  refuse(table: string, act: Act, when: string): string[];
};

export type Act = "insert" | "update" | "delete";

export type Migration = { name: string; statements(spelling: Spelling): string[] };
