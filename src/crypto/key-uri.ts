// The otpauth:// address that a QR code carries into an authenticator app.
//
// Apps disagree about the format: two of them percent-decode the whole address before they parse it, two lose the
// issuer at a second colon, one overwrites an entry of the same account name. So the characters that any of them
// takes for syntax are replaced, and label and parameter name the same issuer.

import { encodeBase32 } from "./base32.ts";
import type { TotpParameters } from "./totp.ts";

const ISSUER_LENGTH = 30;
const ACCOUNT_LENGTH = 50;

/** Makes a name safe in an otpauth address: NFC, no syntax, no control characters, at most `length` characters. */
function label(name: string, length: number): string {
  const safe = name
    .normalize("NFC")
    .replace(/[:&?#%/+=\\\p{C}]/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  return Array.from(safe).slice(0, length).join("").trim();
}

/** The issuer as apps will show it; `Steam` would switch some of them to another alphabet. */
export function issuerLabel(issuer: string): string {
  const safe = label(issuer, ISSUER_LENGTH);
  return safe === "" || safe.toLowerCase() === "steam" ? "Countersign" : safe;
}

/** The account as apps will show it. */
export function accountLabel(account: string): string {
  return label(account, ACCOUNT_LENGTH) || "account";
}

/** Builds the otpauth address; all parameters are named, because apps differ in what they assume. */
export function keyUri({
  issuer,
  account,
  secret,
  ...parameters
}: TotpParameters & { issuer: string; account: string; secret: Uint8Array }): string {
  const name = encodeURIComponent(issuerLabel(issuer));
  return (
    `otpauth://totp/${name}:${encodeURIComponent(accountLabel(account))}?secret=${encodeBase32(secret)}&issuer=${name}` +
    `&algorithm=${parameters.algorithm}&digits=${parameters.digits}&period=${parameters.period}`
  );
}
