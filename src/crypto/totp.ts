// One-time codes: HOTP (RFC 4226) and its time-based form TOTP (RFC 6238), over node:crypto.
//
// A step is the number of whole periods since the epoch (RFC 6238 §4.2). Verification answers with the step that
// matched, not with yes or no, because the caller has to spend that step (RFC 6238 §5.2).

import { hash, timingSafeEqual } from "node:crypto";

/** HMAC functions that authenticator apps know (RFC 6238 §1.2). */
export type Algorithm = "SHA1" | "SHA256" | "SHA512";

/** What an authenticator was enrolled with; stored beside its secret, so that a new default never breaks an old one. */
export type TotpParameters = {
  algorithm: Algorithm;
  /** One of `DIGITS`. */
  digits: number;
  /** Seconds, 15 to 120. */
  period: number;
};

/** How long a code can be. */
export const DIGITS: readonly number[] = [6, 8];

/** The parameters that every authenticator app supports. */
export const DEFAULT_PARAMETERS: TotpParameters = { algorithm: "SHA1", digits: 6, period: 30 };

/** Length of a new secret: 160 bits (RFC 4226 §4 R6), 32 base32 characters without left-over bits. */
export const SECRET_BYTES = 20;

/** Throws a RangeError for parameters that no authenticator should be enrolled with. */
export function assertParameters({ algorithm, digits, period }: TotpParameters): void {
  if (!["SHA1", "SHA256", "SHA512"].includes(algorithm)) throw new RangeError(`Unknown algorithm ${algorithm}`);
  if (!DIGITS.includes(digits)) throw new RangeError("A code has 6 or 8 digits");
  if (!Number.isInteger(period) || period < 15 || period > 120) throw new RangeError("A period is 15 to 120 seconds");
}

/** The step that contains `time` (milliseconds since the epoch). */
export function stepAt(time: number, period: number): number {
  return Math.floor(time / 1000 / period);
}

/** The HOTP value of a counter as `digits` decimal digits, zeros in front kept (RFC 4226 §5.3). */
export function hotp(secret: Uint8Array, counter: number, parameters: TotpParameters): string {
  const { algorithm, digits } = parameters;
  return truncate(hmac(algorithm, secret)(counter), digits).toString().padStart(digits, "0");
}

/** The code that an authenticator with this secret shows at `time` (milliseconds since the epoch). */
export function totp(secret: Uint8Array, time: number, parameters: TotpParameters): string {
  return hotp(secret, stepAt(time, parameters.period), parameters);
}

/**
 * What a person typed as a code, made canonical once, before anything is counted or compared: spaces and hyphens
 * are dropped, then exactly `digits` ASCII digits must remain. Everything else gives `undefined`.
 */
export function normaliseCode(typed: string, digits: number): string | undefined {
  const code = typed.replace(/[ -]/g, "");
  return code.length === digits && /^[0-9]+$/.test(code) ? code : undefined;
}

/**
 * The step within `window` steps around `time` whose code this is, or `undefined`. `code` must be canonical.
 * All steps are computed and compared in constant time, without an early exit; of several matches the nearest wins.
 */
export function matchStep(
  secret: Uint8Array,
  code: string,
  { time, window, ...parameters }: TotpParameters & { time: number; window: number },
): number | undefined {
  const mac = hmac(parameters.algorithm, secret);
  const given = number(code, parameters.digits);
  const now = stepAt(time, parameters.period);
  if (given === undefined) return undefined;
  const shown = Buffer.alloc(4);
  let matched: number | undefined;
  for (let distance = window; distance >= 0; distance--) {
    for (const step of distance === 0 ? [now] : [now + distance, now - distance]) {
      if (step < 0) continue;
      shown.writeUInt32BE(truncate(mac(step), parameters.digits));
      if (timingSafeEqual(shown, given)) matched = step;
    }
  }
  return matched;
}

/** A canonical code as four bytes, to be compared in constant time; zeros in front are held by its length. */
function number(code: string, digits: number): Buffer | undefined {
  if (code.length !== digits || !/^[0-9]+$/.test(code)) return undefined;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(Number(code));
  return bytes;
}

/** The truncation of RFC 4226 §5.3; `mac` holds a byte in each character. */
function truncate(mac: string, digits: number): number {
  // The offset is in the last byte of the MAC, whatever its length: byte 19 is right for SHA-1 alone.
  const offset = mac.charCodeAt(mac.length - 1) & 0xf;
  let number = mac.charCodeAt(offset) & 0x7f;
  for (let index = 1; index < 4; index++) number = (number << 8) | mac.charCodeAt(offset + index);
  return number % 10 ** digits;
}

const BLOCK_BYTES = { SHA1: 64, SHA256: 64, SHA512: 128 };
const MAC_BYTES = { SHA1: 20, SHA256: 32, SHA512: 64 };

/**
 * HMAC (RFC 2104) of counters under one key, each a string that holds a byte in each character: two one-shot hashes of
 * node:crypto. Its `createHmac` makes an object for each message and takes three times as long.
 */
function hmac(algorithm: Algorithm, secret: Uint8Array): (counter: number) => string {
  const block = BLOCK_BYTES[algorithm];
  const key = secret.length > block ? hash(algorithm, secret, "buffer") : secret;
  const inner = Buffer.alloc(block + 8);
  const outer = Buffer.alloc(block + MAC_BYTES[algorithm]);
  for (let index = 0; index < block; index++) {
    const byte = key[index] ?? 0;
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
  return (counter) => {
    inner.writeBigUInt64BE(BigInt(counter), block);
    outer.write(hash(algorithm, inner, "binary"), block, "latin1");
    return hash(algorithm, outer, "binary");
  };
}
