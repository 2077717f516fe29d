// Whoever keeps the accounts changes one: our operator, or the application whose people they are, which then tells.

import assert from "node:assert/strict";
import type { HostPerson } from "../../src/accounts.ts";
import type { Role } from "../../src/db/schema.ts";
import type { Browser } from "../../src/testing/browser.ts";
import { submit } from "./attacker.ts";
import { takeMails } from "./outbox.ts";
import { type Member, OPERATOR, type World } from "./world.ts";

/** Changes somebody at the host, which tells the engine. */
export async function changeAtHost(
  world: World,
  { id }: Pick<Member, "id">,
  change: Partial<HostPerson>,
): Promise<void> {
  const person = world.host?.people.get(id);
  assert.ok(person !== undefined, `${id} is nobody of the host`);
  world.host?.people.set(id, { ...person, ...change });
  assert.deepEqual(await world.auth.people.refresh({ client: OPERATOR, id }), { ok: true });
}

/** Keeps somebody out. */
export async function disable(world: World, { id }: Pick<Member, "id">): Promise<void> {
  if (world.host !== undefined) return changeAtHost(world, { id }, { disabled: true });
  const authority = world.auth.operatorAuthority();
  assert.deepEqual(await world.auth.people.act({ client: OPERATOR, authority, act: "disable", id }), { ok: true });
}

/** Lets somebody in again. */
export async function enable(world: World, { id }: Pick<Member, "id">): Promise<void> {
  if (world.host !== undefined) return changeAtHost(world, { id }, { disabled: false });
  const authority = world.auth.operatorAuthority();
  assert.deepEqual(await world.auth.people.act({ client: OPERATOR, authority, act: "enable", id }), { ok: true });
}

/** Gives somebody another role. */
export async function setRole(world: World, { id }: Pick<Member, "id">, role: Role): Promise<void> {
  if (world.host !== undefined) return changeAtHost(world, { id }, { role });
  await changeHere(world, id, { role });
}

/** Gives somebody another password: they, on their page with `proof` of who they are, or the application. */
export async function changePassword(
  world: World,
  { id }: Pick<Member, "id">,
  { owner, proof, password }: { owner: Pick<Browser, "send">; proof: Record<string, string>; password: string },
): Promise<void> {
  if (world.host === undefined) {
    const answer = await submit(owner, "/account/password", { ...proof, new_password: password });
    assert.equal(answer.status, 303);
    return;
  }
  world.host.setPassword(id, password);
  assert.deepEqual(await world.auth.people.passwordChanged({ client: OPERATOR, id }), { ok: true });
}

/** Somebody forgot their password and sets another by a mailed link, ours or the application's. */
export async function resetPassword(
  world: World,
  { id, login }: Pick<Member, "id" | "login">,
  password: string,
): Promise<void> {
  if (world.host !== undefined) {
    world.host.setPassword(id, password);
    assert.deepEqual(await world.auth.people.passwordChanged({ client: OPERATOR, id }), { ok: true });
    return;
  }
  await submit(world.browser(), "/forgotten-password", { login });
  const ticket = (await takeMails(world)).findLast(({ kind }) => kind === "password_reset")?.facts.ticket;
  await submit(world.browser(), "/password-reset", { ticket: String(ticket), new_password: password });
}

/** Gives somebody another address. */
export async function setEmail(world: World, { id }: Pick<Member, "id">, email: string): Promise<void> {
  if (world.host !== undefined) return changeAtHost(world, { id }, { email });
  await changeHere(world, id, { email });
}

async function changeHere({ auth }: World, id: string, change: { role?: Role; email?: string }): Promise<void> {
  const authority = auth.operatorAuthority();
  const person = await auth.people.find({ reader: authority, id });
  assert.ok(person !== undefined);
  const { login, name, email, role } = person;
  const profile = { id, login, name, email, role, ...change };
  assert.deepEqual(await auth.people.change({ client: OPERATOR, authority, ...profile }), { ok: true });
}
