// An installation with people in every state, and a browser for each who walks through its pages.

import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import type { Role } from "../../src/auth.ts";
import { takeMails } from "../support/outbox.ts";
import { enrol, type Member, OPERATOR, PASSWORD, type World } from "../support/world.ts";
import { openSite, type Site, type Visitor } from "./site.ts";

export type Stage = {
  site: Site;
  people: Record<"ada" | "joan" | "grace" | "alan" | "margaret" | "barbara" | "katherine" | "edsger" | "wolfe", Member>;
  /** The id of a group that some are in. */
  group: string;
  visitors: Record<Walker, Visitor>;
  /** Of the newcomer's installation. */
  setupTicket: string;
  /** Of Katherine. */
  invitationTicket: string;
  /** Of Barbara. */
  resetTicket: string;
  /** Of Barbara, too. */
  undoTicket: string;
};

/** Who opens a page. The newcomer visits another installation, one that nobody has set up yet. */
export type Walker = "newcomer" | "stranger" | "lost" | "ada" | "joan" | "grace" | "alan" | "margaret";

const HOUR = 3_600_000;

/**
 * Sets the stage: Ada administers, Joan supports, Grace has a password alone, Alan two factors, Margaret was warned, Barbara is
 * locked, Katherine invited, Edsger disabled. Sixty others fill the list.
 */
export async function openStage(chromium: Browser): Promise<Stage & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const site = opened.use(await openSite(chromium));
  const emptySite = opened.use(await openSite(chromium));
  const { world } = site;
  const authority = world.auth.operatorAuthority();

  const katherine = await invite(world, "Katherine Johnson", "katherine");
  const people = {
    ada: await add(world, "Ada Lovelace", "ada", "administrator"),
    joan: await add(world, "Joan Clarke", "joan", "support"),
    grace: await add(world, "Grace Hopper", "grace"),
    alan: await add(world, "Alan Turing", "alan"),
    margaret: await add(world, "Margaret Hamilton", "margaret"),
    barbara: await add(world, "Barbara Liskov", "barbara"),
    edsger: await add(world, "Edsger Dijkstra", "edsger"),
    katherine,
    wolfe: await invite(world, LONG_NAME, "wolfe"),
  };
  const { ada, joan, grace, alan, margaret, barbara, edsger } = people;
  await addCrowd(world);
  for (const name of otherLongNames()) await invite(world, name, name.toLowerCase().replaceAll(" ", "-"));
  for (const member of [barbara, alan, margaret, joan, ada]) await enrol(world, member);
  await lock(world, barbara);
  await warn(world, margaret);
  await world.auth.people.act({ client: OPERATOR, authority, act: "disable", id: edsger.id });

  const group = await addGroup(world, "Research", [alan, barbara, katherine, people.wolfe]);
  await addGroup(world, LONG_NAME.slice(0, 60), []);

  const again = await world.auth.people.act({ client: OPERATOR, authority, act: "invite", id: katherine.id });
  assert.ok(again.ok);
  const profile = { id: barbara.id, login: "barbara", name: "Barbara Liskov", role: "person" } as const;
  await world.auth.people.change({ client: OPERATOR, authority, ...profile, email: "barbara@example.com" });
  await world.auth.passwordReset.request(OPERATOR, "barbara");
  const mails = await takeMails(world);
  const forgotten = mails.find(({ kind }) => kind === "password_reset");
  const moved = mails.find(({ kind, to }) => kind === "email_changed" && to === "barbara@example.org");
  const stage = {
    site,
    people,
    group,
    setupTicket: await emptySite.world.auth.people.issueSetupTicket({ client: OPERATOR }),
    invitationTicket: again.ticket ?? "",
    resetTicket: String(forgotten?.facts.ticket),
    undoTicket: String(moved?.facts.ticket),
    visitors: {
      newcomer: await emptySite.visit(),
      stranger: await site.visit(),
      lost: await site.visit(),
      ada: await site.visit({ as: ada }),
      joan: await site.visit({ as: joan }),
      grace: await site.visit({ as: grace }),
      alan: await site.visit({ as: alan }),
      margaret: await site.visit({ as: margaret }),
    },
  };
  const kept = opened.move();
  return { ...stage, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function add(world: World, name: string, login: string, role: Role = "person") {
  const profile = { login, name, email: `${login}@example.org`, role, password: PASSWORD };
  const added = await world.auth.people.add({
    client: OPERATOR,
    authority: world.auth.operatorAuthority(),
    ...profile,
  });
  assert.ok(added.ok, JSON.stringify(added));
  return { id: added.id, login, secret: undefined };
}

async function invite(world: World, name: string, login: string): Promise<Member> {
  const profile = { login, name, email: `${login.slice(-60)}@example.org`, role: "person" } as const;
  const added = await world.auth.people.invite({
    client: OPERATOR,
    authority: world.auth.operatorAuthority(),
    ...profile,
  });
  assert.ok(added.ok, JSON.stringify(added));
  return { id: added.id, login, secret: undefined };
}

async function addGroup(world: World, name: string, members: Member[]): Promise<string> {
  const authority = world.auth.operatorAuthority();
  const group = await world.auth.groups.create(OPERATOR, authority, name);
  assert.ok(group.ok);
  for (const { id } of members) {
    await world.auth.groups.addMember(OPERATOR, authority, { id: group.id, person: { id } });
  }
  return group.id;
}

/** People who came over some days; most of them have two factors, some never signed in. */
async function addCrowd(world: World): Promise<void> {
  for (const [index, name] of CROWD.entries()) {
    const login = name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(" ", ".");
    const member = await add(world, name, login, index === 0 ? "administrator" : "person");
    if (index % 5 < 3) await enrol(world, member);
    else if (index % 5 === 3) await world.signIn(world.browser(), member);
    world.clock.advance(14 * HOUR);
  }
}

/** Whoever has the password has guessed codes until no more were taken. */
async function lock(world: World, member: Member): Promise<void> {
  const browser = world.browser();
  for (let misses = 0; misses < 20; misses++) {
    await browser.post("/sign-in", { login: member.login, password: PASSWORD });
    await browser.post("/sign-in/code", { code: "000000" });
    world.clock.advance(HOUR);
  }
}

/** Somebody entered the right password and no right code. */
async function warn(world: World, member: Member): Promise<void> {
  const userAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:139.0) Gecko/20100101 Firefox/139.0";
  const browser = world.browser({ address: "203.0.113.77", userAgent });
  await browser.post("/sign-in", { login: member.login, password: PASSWORD });
  for (let misses = 0; misses < 3; misses++) await browser.post("/sign-in/code", { code: "000000" });
  world.clock.advance(2 * HOUR);
}

const CROWD = [
  "Amara Okafor",
  "Björn Lindqvist",
  "Chloé Dubois",
  "Dmitri Sokolov",
  "Esperanza García",
  "Farid Rahmani",
  "Giulia Conti",
  "Hiroshi Tanaka",
  "Ingrid Sørensen",
  "João Carvalho",
  "Kwame Mensah",
  "Léa Moreau",
];

/** As long as a name may be, without a place to break. */
export const LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff".repeat(4).slice(0, 120);

function otherLongNames(): string[] {
  const name = "Wolfe Schlegel Steinhausen Bergerdorff ".repeat(4);
  return Array.from({ length: 50 }, (_, index) => `${name.slice(0, 118)}${index + 10}`);
}
