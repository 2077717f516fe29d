// Secrets at rest: AES-256-GCM (NIST SP 800-38D), a fresh 96-bit nonce each time, the key's id in front.
//
// The associated data names version, key, purpose, row and owner, so a ciphertext that somebody moves to another
// row, column or person does not open. Each purpose has a key of its own (HKDF, RFC 5869).

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";

/** One key of the key file. */
export type MasterKey = { id: string; bytes: Uint8Array };

/** The keys in use: the active one seals, all of them open. */
export type Keys = { active: MasterKey; all: MasterKey[] };

/** Where a sealed value lives; opening with any other place fails. */
export type Place = { table: string; column: string; row: string; owner: string };

/** Thrown when a sealed value does not open: a wrong key, or a value that was moved or changed. */
export class UnsealError extends Error {
  override name = "UnsealError";
}

const VERSION = "v1";
const KEY_BYTES = 32;

/** Makes a new key with a random id. */
export function newKey(): MasterKey {
  return { id: randomBytes(4).toString("hex"), bytes: randomBytes(KEY_BYTES) };
}

/** Seals a value for one place: `v1.keyId.nonce.ciphertext.tag`. */
export function seal(keys: Keys, place: Place, plain: Uint8Array): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", derive(keys.active, "secret-box"), nonce);
  cipher.setAAD(associatedData(keys.active.id, place));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return [VERSION, keys.active.id, base64(nonce), base64(sealed), base64(cipher.getAuthTag())].join(".");
}

/** What every value begins with that this key sealed. */
export function sealedPrefix({ id }: MasterKey): string {
  return `${VERSION}.${id}.`;
}

/** Opens what `seal` made for the same place. Throws an UnsealError. */
export function unseal(keys: Keys, place: Place, sealed: string): Uint8Array {
  const [version, keyId, nonce, text, tag, ...rest] = sealed.split(".");
  const key = keys.all.find((candidate) => candidate.id === keyId);
  if (version !== VERSION || rest.length > 0 || !keyId || nonce === undefined || text === undefined || !tag) {
    throw new UnsealError("A sealed value has an unknown form");
  }
  if (key === undefined) throw new UnsealError(`A value is sealed with the key ${keyId}, which the key file lacks`);
  try {
    const decipher = createDecipheriv("aes-256-gcm", derive(key, "secret-box"), Buffer.from(nonce, "base64url"), {
      authTagLength: 16,
    });
    decipher.setAAD(associatedData(keyId, place));
    decipher.setAuthTag(Buffer.from(tag, "base64url"));
    return Buffer.concat([decipher.update(Buffer.from(text, "base64url")), decipher.final()]);
  } catch (cause) {
    throw new UnsealError(`A value of ${place.table}.${place.column} does not open`, { cause });
  }
}

/** A keyed fingerprint for values that must be counted but not kept, such as names nobody has. */
export function fingerprint(keys: Keys, text: string): Uint8Array {
  return createHmac("sha256", derive(keys.active, "fingerprint")).update(text).digest();
}

const derived = new WeakMap<MasterKey, Map<string, KeyObject>>();

function derive(key: MasterKey, purpose: string): KeyObject {
  const purposes = derived.get(key) ?? new Map<string, KeyObject>();
  derived.set(key, purposes);
  const known = purposes.get(purpose);
  if (known !== undefined) return known;
  const bytes = hkdfSync("sha256", key.bytes, "", `countersign ${purpose}`, KEY_BYTES);
  // Kept as what node:crypto makes of bytes at each use otherwise.
  const made = createSecretKey(new Uint8Array(bytes));
  purposes.set(purpose, made);
  return made;
}

function associatedData(keyId: string, { table, column, row, owner }: Place): Buffer {
  return Buffer.from(JSON.stringify([VERSION, keyId, table, column, row, owner]));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
