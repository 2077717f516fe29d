// People and passwords of our own: names in `user_names`, argon2id in `users`.

import type { Accounts, Found } from "../../context.ts";
import { hashPassword, needsRehash, verifyPassword } from "../../crypto/password.ts";
import type { UserTable } from "../../db/schema.ts";
import * as users from "./users.ts";

/** The accounts of an installation that nobody gave others. */
export const ownAccounts: Accounts = {
  kind: "own",
  find: async (context, name) => found(await users.findByName(context, name)),
  verify: ({ hash }, password) => verifyPassword(password, hash),
  rehash: async (hash, password) => (needsRehash(hash) ? hashPassword(password) : undefined),
};

function found(user: UserTable | undefined): Found | undefined {
  if (user === undefined) return undefined;
  const { id, password_hash: hash, security_version: securityVersion, disabled_at } = user;
  return { id, hash, securityVersion, isDisabled: disabled_at !== null, settle: async () => {} };
}
