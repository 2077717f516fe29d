// Verifying a code with a window of one step on each side, in this process. The right code of the current step, one of
// a neighbouring step and a wrong one take turns, as they come in life.

import { randomBytes } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import { verifySync } from "otplib";
import { DEFAULT_PARAMETERS, matchStep, SECRET_BYTES, totp } from "../../src/crypto/totp.ts";
import type { Measurement } from "../support/measurement.ts";
import { ratioGoal, row } from "../support/report.ts";
import { inTurns } from "../support/rounds.ts";

/** Many short rounds: whatever else the machine does spoils few of them. */
const TURNS = 25;
const COUNT = 3_000;

/** Measures Countersign, otplib and otpauth. */
export const verifyCode: Measurement = async () => {
  const secret = randomBytes(SECRET_BYTES);
  const time = Date.now();
  const right = totp(secret, time, DEFAULT_PARAMETERS);
  const earlier = totp(secret, time - 30_000, DEFAULT_PARAMETERS);
  const wrong = String((Number(right) + 1) % 1_000_000).padStart(6, "0");

  const perSecond = (verify: (code: string) => boolean) => {
    const started = performance.now();
    for (let count = 0; count < COUNT; count += 3) {
      if (!verify(right) || !verify(earlier) || verify(wrong)) throw new Error("A verification is wrong");
    }
    return COUNT / ((performance.now() - started) / 1000);
  };
  const ours = { ...DEFAULT_PARAMETERS, time, window: 1 };
  const otplib = { secret, epoch: time / 1000, epochTolerance: 30, digits: 6, period: 30 } as const;
  const otpauth = { secret: new Secret({ buffer: new Uint8Array(secret).buffer }), timestamp: time, window: 1 };
  const series = await inTurns(
    {
      countersign: () => perSecond((code) => matchStep(secret, code, ours) !== undefined),
      otplib: () => perSecond((token) => verifySync({ ...otplib, token }).valid),
      otpauth: () => perSecond((token) => TOTP.validate({ ...otpauth, token }) !== null),
    },
    TURNS,
  );

  const faster = series.otplib.map((value, round) => Math.max(value, series.otpauth[round] ?? 0));
  return {
    title: "Verify a code, window ±1, in process",
    rows: Object.entries(series).map(([name, values]) => row(name, "/s", values)),
    goals: [ratioGoal("countersign / the faster library", "at least", 3, [series.countersign, faster])],
  };
};
