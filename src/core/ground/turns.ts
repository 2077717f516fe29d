/**
 * Lets everybody else have a turn. SQLite answers at once, so work that goes through many pages would hold up all
 * requests and signals until its end.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
