// The rules: what everybody, a role or a group owes and may. The strictest rule that somebody falls under decides.

import type { Client, Context } from "../context.ts";
import * as rehearsal from "../core/policy/rehearsal.ts";
import * as rules from "../core/policy/rules.ts";
import type { AdministratorAuthority, AdministratorReader } from "../core/session/authority.ts";
import type { Rule } from "../core/session/policy-points.ts";

type Read = { reader: AdministratorReader };

export const policy = {
  /** The rules that say something, and the scopes that have none yet. */
  list: (context: Context, { reader }: Read) => rules.list(context, reader),

  /** What a scope's rule says; `undefined` for a scope that means nobody. */
  find: (context: Context, { reader, scope }: Read & { scope: string }) => rules.find(context, reader, scope),

  /** What a rule would change, without changing it: for how many people, and some of them. Refused as `save`. */
  rehearse: (context: Context, { reader, rule }: Read & { rule: Rule }) => rehearsal.rehearse(context, reader, rule),

  /** Puts a rule in the place of the one before. Refused: `scope_unknown`, a point's `…_invalid`, `no_authority`. */
  save: (
    context: Context,
    { client, authority, rule }: { client: Client; authority: AdministratorAuthority; rule: Rule },
  ) => rules.save(context, client, authority, rule),
};
