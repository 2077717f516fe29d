// What a migration is. The first one makes the whole schema; those that follow only add to it, so that nodes of the
// version before go on working beside the new ones.

/** How one dialect spells what differs. */
export type Spelling = {
  /** The integer type that holds milliseconds. */
  time: string;
  /** The type of a key that the database counts up. */
  number: string;
  /** `create table` with the strictest typing there is. */
  table(definition: string): string;
  /**
   * Statements that make a table refuse updates and deletions, besides that of its oldest rows, up to the id that the
   * query `removable` gives.
   */
  appendOnly(table: string, removable: string): string[];
  /** Statements that run others after each row of a table that an act touches; they know it as `old` and `new`. */
  after(table: string, act: Act, name: string, does: Reaction): string[];
  /** Statements that make a table find the rows whose column has a text within it, and keep its index. */
  searchable(table: string, column: string): string[];
  /**
   * Statements that make a table which tells how many rows of another are alike in the columns that both have: the sum
   * of its `people`, because where writers run beside each other none of them may wait for a row that all change.
   */
  counted(table: string, counts: string, columns: Readonly<Record<string, string>>): string[];
  /** Statements that make a table refuse an act on a row, when a condition on `old` and `new` is true. */
  refuse(table: string, act: Act, when: string): string[];
};

/** `of` are the columns that an update must be of, and `when` is what must be true of the row. */
export type Reaction = { of?: readonly string[]; when?: string; run: readonly string[] };

export type Act = "insert" | "update" | "delete";

export type Migration = { name: string; statements(spelling: Spelling): string[] };
