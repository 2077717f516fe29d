// Whoever keeps the accounts changes one: our operator, or the application whose people they are, which then tells.

import assert from "node:assert/strict";
import type { HostPerson } from "../../src/accounts.ts";
import type { Role } from "../../src/db/schema.ts";
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
  assert.deepEqual(await world.auth.people.refresh(OPERATOR, id), { ok: true });
}

/** Keeps somebody out. */
export async function disable(world: World, { id }: Pick<Member, "id">): Promise<void> {
  if (world.host !== undefined) return changeAtHost(world, { id }, { disabled: true });
  const authority = world.auth.operatorAuthority();
  assert.deepEqual(await world.auth.people.act(OPERATOR, authority, { act: "disable", id }), { ok: true });
}

/** Lets somebody in again. */
export async function enable(world: World, { id }: Pick<Member, "id">): Promise<void> {
  if (world.host !== undefined) return changeAtHost(world, { id }, { disabled: false });
  const authority = world.auth.operatorAuthority();
  assert.deepEqual(await world.auth.people.act(OPERATOR, authority, { act: "enable", id }), { ok: true });
}

/** Gives somebody another role. */
export async function setRole(world: World, { id }: Pick<Member, "id">, role: Role): Promise<void> {
  if (world.host !== undefined) return changeAtHost(world, { id }, { role });
  const authority = world.auth.operatorAuthority();
  const person = await world.auth.people.find(authority, id);
  assert.ok(person !== undefined);
  const { login, name, email } = person;
  assert.deepEqual(await world.auth.people.change(OPERATOR, authority, { id, login, name, email, role }), { ok: true });
}
