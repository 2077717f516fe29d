// Two hundred people sign in at the same moment. Each password costs 19 MiB and the time of a core, so they queue; the
// queue has an end, memory too, and everything else goes on meanwhile (RL-10).

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { createInstallation, type ServerProcess } from "../support/server-process.ts";
import { PASSWORD } from "../support/world.ts";

const MEBIBYTE = 2 ** 20;

/** More than the queue of the largest machine that the tests may run on holds, and never fewer than two hundred. */
const LOG_INS = Math.max(200, 66 * Math.min(availableParallelism(), 8) + 50);

describe("when everybody signs in at once", () => {
  test("each gets in or is told to come again, memory stays bounded, and the server answers others (RL-10)", async () => {
    await using installation = await createInstallation("sqlite", { COUNTERSIGN_TRUSTED_PROXIES: "127.0.0.1" });
    const people = Array.from({ length: 10 }, (_, index) => `p${index}`);
    await installation.addPeople(people);
    const server = await installation.start();
    const idle = await residentBytes(server);

    let running = true;
    const waits: number[] = [];
    let peak = 0;
    const watching = (async () => {
      const browser = server.browser();
      while (running) {
        const before = performance.now();
        assert.equal((await browser.get("/healthz")).status, 200);
        waits.push(performance.now() - before);
        peak = Math.max(peak, await residentBytes(server));
      }
    })();
    const started = performance.now();
    const answers = await Promise.all(
      Array.from({ length: LOG_INS }, async (_, index) => {
        const browser = server.browser({ address: `192.0.2.${index % 250}` });
        const login = people[index % people.length] ?? "";
        const response = await browser.send("/sign-in", {
          method: "POST",
          body: new URLSearchParams({ login, password: PASSWORD }).toString(),
          headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" },
        });
        return { status: response.status, isIn: /-session=/.test(response.headers.getSetCookie().join()) };
      }),
    );
    const flood = performance.now() - started;
    running = false;
    await watching;

    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    assert.equal(count(303) + count(503), LOG_INS, `other answers: ${answers.map(({ status }) => status)}`);
    assert.ok(count(303) >= 100, `only ${count(303)} got in`);
    assert.ok(count(503) >= 1, "the queue has no end");
    for (const { status, isIn } of answers) assert.equal(isIn, status === 303);
    assert.ok(peak < 400 * MEBIBYTE, `${Math.round(peak / MEBIBYTE)} MiB, of ${Math.round(idle / MEBIBYTE)} when idle`);
    assert.ok(waits.length >= 10, `asked only ${waits.length} times`);
    const slowest = waits.sort((a, b) => b - a)[0] ?? 0;
    // Not behind the queue, that is; how long a busy machine takes for anything is not the question.
    assert.ok(slowest < flood / 4, `/healthz took ${Math.round(slowest)} ms of ${Math.round(flood)} ms`);
    // Nobody is punished for it afterwards.
    const later = await server.browser({ address: "192.0.2.1" }).post("/sign-in", { login: "p0", password: PASSWORD });
    assert.match(later.words, /Welcome/);
  });

  test("a flood of strangers is limited before their passwords are looked at (RL-10, RL-08)", async () => {
    await using installation = await createInstallation("sqlite");
    await installation.addPeople(["ada"]);
    const server = await installation.start();
    const known = server.browser();
    assert.match((await known.post("/sign-in", { login: "ada", password: PASSWORD })).words, /Welcome/);
    const names = Array.from({ length: 140 }, (_, index) => `nobody-${index}`);
    const statuses = await Promise.all(
      names.map(async (login) => {
        const page = await server.browser().post("/sign-in", { login, password: "a password of nobody" });
        return page.status;
      }),
    );
    const limited = statuses.filter((status) => status === 429).length;
    const looked = statuses.filter((status) => status === 422).length;
    assert.ok(looked <= 100, `${looked} passwords were looked at`);
    assert.equal(limited + looked + statuses.filter((status) => status === 503).length, names.length, `${statuses}`);
    assert.ok(limited >= 1, `${statuses}`);
    // A browser that is known, from the same address, is not kept out by them (RL-07).
    await known.post("/sign-out");
    assert.match((await known.post("/sign-in", { login: "ada", password: PASSWORD })).words, /Welcome/);
  });
});

/** What a process occupies of the machine's memory now. */
async function residentBytes({ pid }: ServerProcess): Promise<number> {
  if (process.platform === "linux") {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kibibytes) * 1024;
  }
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout) * 1024;
}
