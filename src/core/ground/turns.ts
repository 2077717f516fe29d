/**
 * Yields to other work. SQLite answers synchronously, so work that goes through many pages would otherwise hold up all
 * requests and signals until its end.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
