/** Thrown when a database cannot be used as it is set up, with what is wrong. */
export class DatabaseError extends Error {
  override name = "DatabaseError";
}
