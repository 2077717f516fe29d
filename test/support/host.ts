// An application with users and passwords of its own: in memory, with a hash that costs next to nothing.

import assert from "node:assert/strict";
import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import type { HostAccounts, HostPerson } from "../../src/accounts.ts";
import type { Fetcher } from "../../src/testing/browser.ts";
import type { createApp } from "../../src/web/app.ts";

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

/** Where the host has a form of its own for names and passwords. */
export const HOSTS_FORM = "/host/sign-in";

/** The host's site: its own form, which checks the password itself, and our pages for the rest. */
export function siteOf(host: TestHost, { fetch, enter }: ReturnType<typeof createApp>): Fetcher {
  return async (request, env = {}) => {
    const url = new URL(request.url);
    if (url.pathname !== HOSTS_FORM) return fetch(request, env);
    const form = request.method === "POST" ? new URLSearchParams(await request.text()) : url.searchParams;
    const person = await host.find(form.get("login") ?? "");
    const { incoming } = env as { incoming?: { socket: { remoteAddress?: string } } };
    const check = () => host.verify(person?.id, form.get("password") ?? "");
    const entering = { userId: person?.id, check, wantedPage: form.get("next") };
    const entered = await enter(request, incoming?.socket.remoteAddress, entering);
    return entered ?? new Response("Name and password do not match", { status: 422 });
  };
}
