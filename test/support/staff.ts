// Those who help others, as the handler of a form knows them: signed in with two factors, and confirmed.

import assert from "node:assert/strict";
import type { AdministratorAuthority, SupportAuthority } from "../../src/auth.ts";
import type { Browser } from "../../src/testing/browser.ts";
import { COOKIE } from "./attacker.ts";
import { type Member, OPERATOR, PASSWORD, type World } from "./world.ts";

/** Signs in and confirms: the authority is what the handler of a form holds before the act. */
export async function authorityOf(
  world: World,
  member: Member,
): Promise<{ authority: SupportAuthority; browser: Browser }> {
  const { auth } = world;
  const { session, browser } = await confirmed(world, member);
  const admitted = auth.admit({ session, role: "support" });
  assert.ok(!("ok" in admitted));
  return { authority: auth.authorityOf({ session: admitted }), browser };
}

/** The same for administrators. */
export async function administratorOf(
  world: World,
  member: Member,
): Promise<{ authority: AdministratorAuthority; browser: Browser }> {
  const { auth } = world;
  const { session, browser } = await confirmed(world, member);
  const admitted = auth.admit({ session, role: "administrator" });
  assert.ok(!("ok" in admitted));
  return { authority: auth.authorityOf({ session: admitted }), browser };
}

async function confirmed(world: World, member: Member) {
  const { auth } = world;
  const browser = world.browser();
  await world.signIn(browser, member);
  const session = await auth.session.find({ token: browser.cookies.get(COOKIE.session) });
  assert.ok(session);
  const code = world.freshCode(member);
  const outcome = await auth.session.confirm({ client: OPERATOR, session, password: PASSWORD, code });
  assert.ok(outcome.ok);
  browser.cookies.set(COOKIE.session, outcome.sessionToken);
  return { session: outcome.session, browser };
}
