/** A clock that stands still until it is told to move. */
export type Clock = { now(): number; advance(milliseconds: number): void; set(time: number): void };

/** A clock that starts at a fixed moment, in the middle of a 30-second step. */
export function fixedClock(start = Date.UTC(2026, 0, 15, 12, 0, 15)): Clock {
  let time = start;
  return {
    now: () => time,
    advance: (milliseconds) => {
      time += milliseconds;
    },
    set: (at) => {
      time = at;
    },
  };
}
