// The attack: somebody with authority does something to an account that leaves no trace, or that its owner never hears
// of, because whoever wrote the act forgot. So every act says which event it is and who is told; here each is done, in
// every way that a rule can make of it, and leaves what it says, nothing less and nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Act } from "../../../src/auth.ts";
import { ACTS } from "../../../src/core/console/acts.ts";
import { createArena } from "../../support/attacker.ts";
import { takeMails } from "../../support/outbox.ts";
import { setRules } from "../../support/policies.ts";
import { administratorOf } from "../../support/staff.ts";
import { type Member, OPERATOR, onBothDatabases, type World } from "../../support/world.ts";

type Rule = "at-once" | "waiting" | "approval";

/** A person whom an act is for, and what it needs besides. */
type Scene = { rule?: Rule; twoFactor?: boolean; before?: (world: World, ada: Member) => Promise<{ rescue?: string }> };

const RULES: readonly Rule[] = ["at-once", "waiting", "approval"];
const REQUESTS = ["reset-two-factor", "show-enrolment-link", "mail-enrolment-link"] as const;
const PLAIN: readonly Scene[] = [{}];
const UNDER_EACH_RULE: readonly Scene[] = RULES.map((rule) => ({ rule, twoFactor: true }));

/** Another act comes first, by the operator. */
const after = (act: Act): readonly Scene[] => [
  {
    before: async ({ auth }, { id }) => {
      assert.ok((await auth.people.act({ client: OPERATOR, authority: auth.operatorAuthority(), act, id })).ok);
      return {};
    },
  },
];

/** Another administrator has asked for something, which is open under a rule. */
const asked = (rule: Rule): readonly Scene[] =>
  REQUESTS.map((act) => ({
    rule,
    twoFactor: true,
    before: async (world, { id }) => {
      const liz = await world.person("liz", { role: "administrator", twoFactor: true });
      const { authority } = await administratorOf(world, liz);
      assert.ok((await world.auth.people.act({ client: OPERATOR, authority, act, id, reason: "lost phone" })).ok);
      world.clock.advance(25 * 3_600_000);
      const { open } = await world.auth.rescues.find(authority, id);
      return open === undefined ? {} : { rescue: open.id };
    },
  }));

const SCENES: Record<Act, readonly Scene[]> = {
  disable: PLAIN,
  enable: after("disable"),
  "void-password": PLAIN,
  "sign-out": PLAIN,
  unlock: PLAIN,
  invite: [
    {
      before: async ({ context }, { id }) => {
        await context.db.updateTable("users").set({ password_hash: null }).where("id", "=", id).execute();
        return {};
      },
    },
  ],
  "invite-to-two-factor": PLAIN,
  "require-two-factor": PLAIN,
  "stop-requiring": after("require-two-factor"),
  "reset-two-factor": UNDER_EACH_RULE,
  "show-enrolment-link": UNDER_EACH_RULE,
  "mail-enrolment-link": UNDER_EACH_RULE,
  "approve-rescue": asked("approval"),
  "carry-out-rescue": asked("waiting"),
  "withdraw-rescue": asked("waiting").slice(0, 1),
};

const sorted = (kinds: Iterable<string>) => [...new Set(kinds)].toSorted();
const listed = (kinds: string | readonly string[]) => (typeof kinds === "string" ? [kinds] : kinds);

onBothDatabases("an act on somebody", (dialect) => {
  for (const [name, scenes] of Object.entries(SCENES)) {
    // `SCENES` has no keys that its type does not name.
    const act = name as Act;
    test(`${act} leaves the events and the mails that it says, in every way that it can go (AU-01)`, async () => {
      const events: string[] = [];
      const mails: string[] = [];
      for (const { rule, twoFactor = false, before } of scenes) {
        await using world = await createArena(dialect);
        const ada = await world.person("ada", { twoFactor });
        const third = await world.person("third", { role: "administrator" });
        await setRules(world, rule === undefined ? {} : { rescue: rule });
        const rescue = await before?.(world, ada);
        const root = await world.person("root", { role: "administrator", twoFactor: true });
        const { authority } = await administratorOf(world, root);
        await takeMails(world);
        const [last] = await world.auth.events.list({ reader: authority, filter: {}, limit: 1 });
        const outcome = await world.auth.people.act({
          client: OPERATOR,
          authority,
          act,
          id: ada.id,
          reason: "lost phone",
          ...rescue,
        });
        assert.ok(outcome.ok, `${rule}: ${JSON.stringify(outcome)}`);
        const done = await world.auth.events.list({
          reader: authority,
          filter: { userId: ada.id, after: last?.id },
          limit: 10,
        });
        for (const { kind, actor } of done) {
          assert.equal(actor?.id, root.id, kind);
          events.push(kind);
        }
        for (const { kind, recipient } of await takeMails(world)) {
          assert.ok([ada.id, third.id].includes(recipient.id) || kind === "rescue_approval_wanted", kind);
          mails.push(kind);
        }
      }
      const { records, notifies } = ACTS[act];
      assert.deepEqual(sorted(events), sorted(listed(records)));
      const isSilent = typeof notifies === "string" && notifies.startsWith("nobody because ");
      assert.deepEqual(sorted(mails), isSilent ? [] : sorted(listed(notifies)));
    });
  }
});
