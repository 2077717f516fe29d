// One-time codes: HOTP (RFC 4226) and its time-based form TOTP (RFC 6238), over node:crypto.
//
// A step is the number of whole periods since the epoch (RFC 6238 §4.2). Verification answers with the step that
// matched, not with yes or no, because the caller has to spend that step (RFC 6238 §5.2).

import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";

/** HMAC functions that authenticator apps know (RFC 6238 §1.2). */
export type Algorithm = "SHA1" | "SHA256" | "SHA512";

/** What an authenticator was enrolled with; stored beside its secret, so that a new default never breaks an old one. */
export type TotpParameters = {
  algorithm: Algorithm;
  /** 6 or 8. */
  digits: number;
  /** Seconds, 15 to 120. */
  period: number;
};

/** The parameters that every authenticator app supports. */
export const DEFAULT_PARAMETERS: TotpParameters = { algorithm: "SHA1", digits: 6, period: 30 };

/** Length of a new secret: 160 bits (RFC 4226 §4 R6), 32 base32 characters without left-over bits. */
export const SECRET_BYTES = 20;

/** Throws a RangeError for parameters that no authenticator should be enrolled with. */
export function assertParameters({ algorithm, digits, period }: TotpParameters): void {
  if (!["SHA1", "SHA256", "SHA512"].includes(algorithm)) throw new RangeError(`Unknown algorithm ${algorithm}`);
  if (digits !== 6 && digits !== 8) throw new RangeError("A code has 6 or 8 digits");
  if (!Number.isInteger(period) || period < 15 || period > 120) throw new RangeError("A period is 15 to 120 seconds");
}

/** The step that contains `time` (milliseconds since the epoch). */
export function stepAt(time: number, period: number): number {
  return Math.floor(time / 1000 / period);
}

/** The HOTP value of a counter as `digits` decimal digits, zeros in front kept (RFC 4226 §5.3). */
export function hotp(key: KeyObject, counter: number, { algorithm, digits }: TotpParameters): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac(algorithm, key).update(message).digest();
  // The offset is in the last byte of the MAC, whatever its length: byte 19 is right for SHA-1 alone.
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  const number = (mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits;
  return number.toString().padStart(digits, "0");
}

/** The code that an authenticator with this secret shows at `time` (milliseconds since the epoch). */
export function totp(secret: Uint8Array, time: number, parameters: TotpParameters): string {
  return hotp(createSecretKey(secret), stepAt(time, parameters.period), parameters);
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
  const key = createSecretKey(secret);
  const given = Buffer.from(code, "latin1");
  const now = stepAt(time, parameters.period);
  if (given.length !== parameters.digits) return undefined;
  let matched: number | undefined;
  for (let distance = window; distance >= 0; distance--) {
    for (const step of distance === 0 ? [now] : [now + distance, now - distance]) {
      if (step < 0) continue;
      if (timingSafeEqual(Buffer.from(hotp(key, step, parameters), "latin1"), given)) matched = step;
    }
  }
  return matched;
}
