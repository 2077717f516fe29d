// The key file: JSON with the id of the active key and all keys in base64. It lives outside the database, and nobody
// but its owner may read it. It is made at the first start only: for a database that was used before, a missing file
// is a mistake, and a new key would make every secret in it unreadable.

import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { type Keys, newKey } from "../crypto/secret-box.ts";

/** Thrown when the key file cannot be used, with what to do. */
export class KeysFileError extends Error {
  override name = "KeysFileError";
}

const KEY_BYTES = 32;

/** Reads the key file; makes it if there is none and the database is new. */
export function readKeys(path: string, databaseWasUsed: boolean): Keys {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode === undefined) {
    if (databaseWasUsed) {
      throw new KeysFileError(
        `The key file ${path} is missing, but the database was used with one: restore it from a backup`,
      );
    }
    makeKeys(path);
  } else if ((mode & 0o077) !== 0) {
    throw new KeysFileError(`The key file ${path} can be read by others: chmod 600 it`);
  }
  return parseKeys(path, readFileSync(path, "utf8"));
}

function makeKeys(path: string): void {
  const key = newKey();
  const text = JSON.stringify(
    { active: key.id, keys: { [key.id]: Buffer.from(key.bytes).toString("base64") } },
    null,
    2,
  );
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Whole or not at all, and on the disk before anything is sealed with it. Of several that start at once, the one
  // whose link comes first makes the key of all.
  const part = `${path}.${key.id}.part`;
  const file = openSync(part, "wx", 0o600);
  try {
    writeSync(file, `${text}\n`);
    fsyncSync(file);
    linkSync(part, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    closeSync(file);
    unlinkSync(part);
  }
  const folder = openSync(dirname(path), "r");
  fsyncSync(folder);
  closeSync(folder);
}

function parseKeys(path: string, text: string): Keys {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new KeysFileError(`The key file ${path} is not JSON`);
  }
  const { active, keys } = (parsed ?? {}) as { active?: unknown; keys?: unknown };
  const all = Object.entries((keys ?? {}) as Record<string, unknown>).map(([id, value]) => {
    // The name stands in every sealed value, between dots.
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(id))
      throw new KeysFileError(`The name of the key ${JSON.stringify(id)} in ${path} is not one`);
    const bytes = Buffer.from(String(value), "base64");
    if (bytes.length !== KEY_BYTES || new Set(bytes).size < 8) {
      throw new KeysFileError(`The key ${id} in ${path} is not 32 random bytes in base64`);
    }
    return { id, bytes };
  });
  const found = all.find(({ id }) => id === active);
  if (found === undefined) throw new KeysFileError(`The key file ${path} names no active key`);
  return { active: found, all };
}
