// An application with users and passwords of its own: in memory, with a hash that costs next to nothing.

import assert from "node:assert/strict";
import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import type { HostAccounts, HostPerson } from "../../src/accounts.ts";

export type TestHost = HostAccounts & {
  /** By id; a test changes them at will. */
  people: Map<string, HostPerson>;
  setPassword(id: string, password: string): void;
};

const COST = { N: 16, r: 1, p: 1 };

/** A host without anybody. */
export function createHost(): TestHost {
  const people = new Map<string, HostPerson>();
  const passwords = new Map<string, { salt: Buffer; hash: Buffer }>();
  const nobody = { salt: randomBytes(16), hash: randomBytes(32) };
  return {
    people,
    setPassword: (id, password) => {
      const salt = randomBytes(16);
      passwords.set(id, { salt, hash: scryptSync(password.normalize("NFC"), salt, 32, COST) });
    },
    find: async (typed) => {
      const name = typed.normalize("NFKC").trim().toLowerCase();
      const found = [...people.values()].find(({ login, email }) => login === name || email === name);
      return found && { ...found };
    },
    get: async (id) => {
      const found = people.get(id);
      return found && { ...found };
    },
    verify: async (id = "", password) => {
      const kept = passwords.get(id);
      const { salt, hash } = kept ?? nobody;
      const isSame = timingSafeEqual(scryptSync(password.normalize("NFC"), salt, 32, COST), hash);
      return kept !== undefined && isSame;
    },
  };
}

/** Adds somebody to the host alone: nobody has told the engine. */
export function addToHost(
  host: TestHost,
  login: string,
  { password, ...more }: Partial<HostPerson> & { password: string },
): HostPerson {
  const id = `host-${login}`;
  assert.ok(!host.people.has(id), `${login} is there already`);
  const name = `${login[0]?.toUpperCase()}${login.slice(1)}`;
  const person = { id, login, name, email: `${login}@example.org`, ...more };
  host.people.set(id, person);
  host.setPassword(id, password);
  return person;
}
