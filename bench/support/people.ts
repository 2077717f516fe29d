// People of Countersign who have taken the first step, written straight into its tables.

import { randomBytes } from "node:crypto";
import type { Kysely } from "kysely";
import { type Keys, seal } from "../../src/crypto/secret-box.ts";
import { newId, newToken } from "../../src/crypto/token.ts";
import { DEFAULT_PARAMETERS, SECRET_BYTES } from "../../src/crypto/totp.ts";
import type { Role, Schema } from "../../src/db/schema.ts";
import type { Person } from "../contestants/contestant.ts";

const DAY = 86_400_000;

/** Who is made: their role, and whether they have signed in before, by the browser that they use now. */
export type Kind = { role?: Role; known?: boolean };

type Given = Kind & { keys: Keys; index: number; passwordHash: string };

/** What an invitation, an enrolment and a right password leave in the database. */
export async function addPerson(
  tx: Kysely<Schema>,
  { keys, index, passwordHash: password_hash, role = "person", known = false }: Given,
): Promise<Person> {
  const id = newId(randomBytes);
  const name = `${role}${index}`;
  const address = `198.18.${index >> 8}.${index & 255}`;
  const secret = randomBytes(SECRET_BYTES);
  const pending = newToken(randomBytes);
  const browser = newToken(randomBytes);
  const now = Date.now();

  const profile = { login: name, name, email: null, role, language: "en", time_zone: "UTC", search_text: name };
  const times = { created_at: now, disabled_at: null, last_sign_in_at: known ? now - DAY : null, warnings_read_at: 0 };
  await tx
    .insertInto("users")
    .values({ id, ...profile, password_hash, security_version: 1, ...times })
    .execute();
  await tx.insertInto("user_names").values({ name, user_id: id, kind: "login" }).execute();

  const place = { table: "authenticators", column: "secret_sealed", row: id, owner: id };
  const app = { id, user_id: id, name: "Authenticator app", secret_sealed: seal(keys, place, secret) };
  const steps = { ...DEFAULT_PARAMETERS, last_step: 0, drift_steps: 0 };
  const used = { created_at: now, last_used_at: now, goes_at: null, replaced_by: null };
  await tx
    .insertInto("authenticators")
    .values({ ...app, ...steps, ...used })
    .execute();

  const token = { id: pending.id, chain: pending.id, secret_hash: pending.secretHash };
  const whose = { user_id: id, security_version: 1, bucket: known ? browser.id : "strangers" };
  const where = { wanted_page: "/", address, user_agent: "", misses: 0 };
  // An hour in place of ten minutes: whoever is measured last has been there for long.
  const lasts = { created_at: now, expires_at: now + 3_600_000, cancelled_at: null };
  await tx
    .insertInto("pending_sign_ins")
    .values({ ...token, ...whose, ...where, ...lasts })
    .execute();
  if (known) {
    const made = { id: browser.id, secret_hash: browser.secretHash, user_id: id, user_agent: "" };
    await tx
      .insertInto("known_browsers")
      .values({ ...made, created_at: now - DAY, last_used_at: now - DAY })
      .execute();
  } else {
    // What the address of a stranger was charged for the password.
    const rate = { key: `address:${address}`, used_until: now + 18_000 };
    await tx.insertInto("rates").values(rate).execute();
  }
  return { name, address, secret, pendingCookie: `__Host-countersign-sign-in=${pending.token}` };
}
