// Base32 (RFC 4648 §6) as authenticator apps read it: upper case, without padding.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Encodes bytes; the length of `bytes` should be a multiple of five, so that no bits are left over. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let pending = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(pending >> bits) & 31];
    }
    pending &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET[(pending << (5 - bits)) & 31];
}

/**
 * Decodes what a person may have typed: letter case, spaces, hyphens and trailing `=` do not matter.
 * Left-over bits are dropped, as every authenticator app does. Any other character gives `undefined`.
 */
export function decodeBase32(text: string): Uint8Array | undefined {
  const typed = text.replace(/[ -]/g, "").replace(/=+$/, "");
  // Before upper-casing, which turns some letters of other alphabets into ours.
  if (!/^[A-Za-z2-7]*$/.test(typed)) return undefined;
  const symbols = typed.toUpperCase();
  const bytes = new Uint8Array(Math.floor((symbols.length * 5) / 8));
  let bits = 0;
  let pending = 0;
  let length = 0;
  for (const symbol of symbols) {
    pending = ((pending & 0xff) << 5) | ALPHABET.indexOf(symbol);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = (pending >> bits) & 0xff;
    }
  }
  return bytes;
}
