// Contestants take turns within each round, so that whatever else the machine does meets all of them, and a ratio is
// made of two numbers of the same round.

export const ROUNDS = 5;

/**
 * So many rounds' requests warm up: a server that has just started takes twice the time for a second step that it takes
 * after some thousands of them, because V8 has not compiled yet what is run often.
 */
export const WARM_UP = 10;

/** Runs one round to warm up (number 0) and then those that count. Who begins changes from round to round. */
export async function inTurns<Name extends string, Value>(
  contestants: Record<Name, (round: number) => Value | Promise<Value>>,
  rounds = ROUNDS,
): Promise<Record<Name, Value[]>> {
  const entries = Object.entries(contestants) as [Name, (round: number) => Value | Promise<Value>][];
  const values = Object.fromEntries(entries.map(([name]) => [name, [] as Value[]])) as Record<Name, Value[]>;
  for (let round = 0; round <= rounds; round++) {
    const first = round % entries.length;
    for (const [name, measure] of [...entries.slice(first), ...entries.slice(0, first)]) {
      const value = await measure(round);
      if (round > 0) values[name].push(value);
    }
  }
  return values;
}
