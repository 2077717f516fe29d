// Password hashes: argon2id (RFC 9106) as PHC strings, over the NFC form of the password (NIST SP 800-63B §3.1.1.2).

import { availableParallelism } from "node:os";

/** 19 MiB, two passes, one bucket: the OWASP minimum that a sign-in form can afford. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const CURRENT = `$argon2id$v=19$m=${PARAMETERS.memoryCost},t=${PARAMETERS.timeCost},p=${PARAMETERS.parallelism}$`;

/** For codes of 80 random bits, which need a slow hash less than passwords do; ten of them are made at once. */
export const RANDOM_CODE = { memoryCost: 4_096, timeCost: 1, parallelism: 1 };

/** The most that a stored hash may ask for; a planted one cannot exhaust the server. */
const LARGEST = { memoryCost: 262_144, timeCost: 10, parallelism: 4 };

/** Nobody's password, hashed with the current parameters: checking it costs as much as checking a real one. */
const NOBODY = `${CURRENT}Y291bnRlcnNpZ24gbm9ib2R5$AzRR+sjOiLY3SMxNU8BV8KfO1gCzK0zxAcFvCwJ4LhM`;

/** Hashes a password with fresh salt; the result is a PHC string. */
export async function hashPassword(password: string, parameters = PARAMETERS): Promise<string> {
  const { hash } = await argon2();
  return onCore.run(() => hash(password.normalize("NFC"), parameters));
}

/** Checks a password. Without a stored hash it takes the same time and the answer is no. */
export async function verifyPassword(password: string, phc: string | null): Promise<boolean> {
  const { verify } = await argon2();
  const usable = phc !== null && isAffordable(phc);
  const right = await onCore.run(() => verify(usable ? phc : NOBODY, password.normalize("NFC")));
  return usable && right;
}

/** Whether a stored hash was made with weaker parameters than today's. */
export function needsRehash(phc: string): boolean {
  const { memoryCost, timeCost } = parametersOf(phc);
  return !(memoryCost >= PARAMETERS.memoryCost && timeCost >= PARAMETERS.timeCost);
}

/**
 * How many hashes may run at once, and how many works may wait (each waiting one holds a request). Eight keep the memory
 * of any machine busy. One work more than that is under way, so that no core waits for the disk while an attempt is
 * counted; all of them are fewer than the tries that are free: see core/ground/attempts.ts.
 */
const CORES = Math.min(availableParallelism(), 8);
const QUEUE = 64 * CORES;

const onCore = queue(CORES);
const underWay = queue(CORES + 1);

/**
 * Runs `work`, which hashes, when a hashing slot is free. More than the cores' number of hashes at once only makes
 * everything else wait; a full queue gives `undefined`, and the caller says that the server is busy.
 */
export async function inHashingSlot<T>(work: () => Promise<T>): Promise<T | undefined> {
  return underWay.length() >= QUEUE ? undefined : underWay.run(work);
}

/** Runs works, so many at once, in the order in which they came. */
function queue(atOnce: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    length: () => waiting.length,
    run: async <T>(work: () => Promise<T>): Promise<T> => {
      if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
      else running++;
      try {
        return await work();
      } finally {
        // The slot is handed on, not freed, so that a newcomer cannot overtake the queue.
        const next = waiting.shift();
        if (next) next();
        else running--;
      }
    },
  };
}

function isAffordable(phc: string): boolean {
  const { memoryCost, timeCost, parallelism } = parametersOf(phc);
  return memoryCost <= LARGEST.memoryCost && timeCost <= LARGEST.timeCost && parallelism <= LARGEST.parallelism;
}

/** The parameters of a PHC string; not a number where it is none of argon2id, which compares as neither more nor less. */
function parametersOf(phc: string) {
  const [, m, t, p] = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$/.exec(phc) ?? [];
  return { memoryCost: Number(m), timeCost: Number(t), parallelism: Number(p) };
}

/** Loaded at the first use: a server that nobody signs in to need not hold it. */
function argon2() {
  return import("@node-rs/argon2");
}
