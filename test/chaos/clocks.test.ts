// Nodes whose clocks differ by 45 seconds, which is more than one step of a code. Neither opens that a spent code
// again, nor keeps it out a person who did nothing wrong (RP-06).

import assert from "node:assert/strict";
import { test } from "node:test";
import { openDatabase } from "../../src/db/open.ts";
import { codeFor } from "../../src/testing/auth.ts";
import { createInstallation, SERVER, type ServerProcess, startServer } from "../support/server-process.ts";
import { type Dialect, onBothDatabases, PASSWORD, secretOn } from "../support/world.ts";

const STEP = 30_000;
const OFFSET = 45_000;

onBothDatabases("nodes whose clocks are 45 seconds apart", (dialect) => {
  test("a code that was spent on one is spent on all, and the next one is good everywhere it is due (RP-06)", async () => {
    await using site = await openSite(dialect);
    const { installation, nodes } = site;
    const people = ["spent-behind", "spent-right", "spent-ahead"];
    await installation.addPeople(people);
    for (const [index, login] of people.entries()) {
      const spender = nodes[index] as ServerProcess;
      const secret = await enrol(nodes[1] as ServerProcess, login);
      // What the phone shows, by the right time; each node takes a code that its own clock calls current.
      const code = codeFor(secret, site.timeOf(index));
      await forgetSteps(installation.databaseUrl, login);
      assert.equal(await signIn(spender, login, code), "in", `${login} on its own node`);
      for (const [other, node] of nodes.entries()) {
        assert.notEqual(await signIn(node, login, code), "in", `${login}: node ${other} opened a spent step`);
      }
      const next = codeFor(secret, site.timeOf(index) + STEP);
      assert.equal(await signIn(spender, login, next), "in", `${login}: the next code is refused`);
    }
  });

  test("nobody is kept out by one because another served them a moment ago (RP-06, RL-07)", async () => {
    await using site = await openSite(dialect);
    const { installation, nodes } = site;
    await installation.addPeople(["ada", "bob"]);
    const secret = await enrol(nodes[1] as ServerProcess, "bob");
    const [behind, right, ahead] = nodes as [ServerProcess, ServerProcess, ServerProcess];
    // Fewer misses than are free, on the node that is ahead.
    for (const node of [right, behind]) {
      for (let miss = 0; miss < 3; miss++) {
        assert.equal((await post(ahead, "/sign-in", { login: "ada", password: "not the password" })).path, "/sign-in");
      }
      const page = await post(node, "/sign-in", { login: "ada", password: PASSWORD });
      assert.match(page.words, /Welcome/, "a right password is refused");
    }
    await forgetSteps(installation.databaseUrl, "bob");
    for (let miss = 0; miss < 3; miss++) assert.notEqual(await signIn(ahead, "bob", "000000"), "in");
    assert.equal(await signIn(behind, "bob", codeFor(secret, site.timeOf(0))), "in", "a right code is refused");
  });
});

/** Three nodes: one behind, one right, one ahead. */
async function openSite(dialect: Dialect) {
  const installation = await createInstallation(dialect);
  await installation.run(["migrate"]);
  await installation.addPeople(["somebody"]);
  const offsets = [-OFFSET, 0, OFFSET];
  const nodes = await Promise.all(
    offsets.map((offset) =>
      startServer({
        environment: installation.environment,
        folder: installation.folder,
        program: [process.execPath, "--import", withClock(offset), SERVER],
      }),
    ),
  );
  return {
    installation,
    nodes,
    /** The time by the clock of a node. */
    timeOf: (index: number) => Date.now() + (offsets[index] ?? 0),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(nodes.map((node) => node.kill()));
      await installation[Symbol.asyncDispose]();
    },
  };
}

/** Turns the clock of the machine for one process, before the program is loaded. */
function withClock(offset: number): string {
  const script = `const now = Date.now; Date.now = () => now() + ${offset};`;
  return `data:text/javascript,${encodeURIComponent(script)}`;
}

async function enrol(server: ServerProcess, login: string): Promise<string> {
  const browser = server.browser();
  await browser.post("/sign-in", { login, password: PASSWORD });
  const secret = secretOn(await browser.post("/account/security/enrolment", { current_password: PASSWORD }));
  const done = await browser.post("/account/security/enrolment/confirm", { code: codeFor(secret, Date.now()) });
  assert.match(done.words, /Your account is protected/);
  return secret;
}

/** As if the person had turned it on long ago: turning it on spends a step too. */
async function forgetSteps(databaseUrl: string, login: string): Promise<void> {
  const { db } = await openDatabase(databaseUrl);
  const { id } = await db.selectFrom("users").select("id").where("login", "=", login).executeTakeFirstOrThrow();
  await db.updateTable("authenticators").set({ last_step: 0 }).where("user_id", "=", id).execute();
  await db.destroy();
}

/** How a sign-in in a new browser ends: in, or with what the page says. */
async function signIn(server: ServerProcess, login: string, code: string): Promise<string> {
  const browser = server.browser();
  const step = await browser.post("/sign-in", { login, password: PASSWORD });
  assert.equal(step.path, "/sign-in/code", step.words);
  const page = await browser.post("/sign-in/code", { code });
  return page.path === "/" && browser.cookies.has("__Host-countersign-session") ? "in" : page.words;
}

function post(server: ServerProcess, path: string, fields: Record<string, string>) {
  return server.browser().post(path, fields);
}
