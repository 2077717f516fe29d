// PostgreSQL goes away and comes back. The server denies meanwhile, says that it passes, and needs no restart (OP-06).

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "pg";
import { createDatabase, type Postgres, startPostgres } from "../support/postgres.ts";
import { createRelay } from "../support/relay.ts";
import { createInstallation, type ServerProcess } from "../support/server-process.ts";
import { PASSWORD } from "../support/world.ts";

describe("when PostgreSQL is lost", () => {
  let postgres: Postgres;

  before(async () => {
    // A server of its own, because these tests break it.
    delete process.env.TEST_POSTGRES_URL;
    postgres = await startPostgres();
  });
  after(() => postgres.stop());

  test("/healthz says 503, nobody gets in, and all is well again once it is back (OP-06)", async () => {
    await using relay = await createRelay(postgres.url);
    const url = relay.through((await createDatabase(postgres.url)).url);
    await using installation = await createInstallation("sqlite", { COUNTERSIGN_DATABASE: url });
    const server = await installation.start();
    const words = ["users", "add", "--login", "ada", "--name", "Ada", "--password-stdin"];
    assert.equal((await installation.run(words, { input: PASSWORD })).status, 0);
    const browser = server.browser();
    assert.match((await browser.post("/sign-in", { login: "ada", password: PASSWORD })).words, /Welcome/);
    assert.equal(await health(server), 200);

    for (let loss = 0; loss < 2; loss++) {
      await relay.shut();
      // The first may be the one that finds its connection broken.
      for (let request = 0; request < 3; request++) assert.equal(await health(server), 503);
      const refused = await server.browser().post("/sign-in", { login: "ada", password: PASSWORD });
      assert.equal(refused.status, 503);
      assert.equal(refused.headers.get("retry-after"), "5");
      assert.equal(refused.headers.get("set-cookie"), null);
      assert.doesNotMatch(refused.text, /ECONN|postgres|\bat \w+ \(/i);
      assert.equal((await browser.get("/account")).status, 503);
      assert.equal((await browser.get("/assets/nothing.css")).status, 404);

      await relay.open();
      assert.equal(await health(server), 200);
      assert.equal((await browser.get("/account")).status, 200);
    }
    assert.match(server.output(), /request failed request="[\w-]+" error=/);
    assert.doesNotMatch(server.output(), new RegExp(PASSWORD));
  });

  test("a PostgreSQL that crashes and recovers gives 200 or 503 meanwhile, and never 500 (OP-06)", async () => {
    const { url } = await createDatabase(postgres.url);
    await using installation = await createInstallation("sqlite", { COUNTERSIGN_DATABASE: url });
    const server = await installation.start();
    await server.waitFor(/setup\?ticket=\S+\n/);
    const observer = new Client({ connectionString: url });
    await observer.connect();
    observer.on("error", () => {});
    const { rows } = await observer.query<{ pid: number }>(
      "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    const victim = rows[0]?.pid;
    assert.ok(victim !== undefined);
    // One process of PostgreSQL that dies makes it throw all others out and recover.
    process.kill(victim, "SIGKILL");
    const seen = new Set<number>();
    const deadline = AbortSignal.timeout(60_000);
    for (let good = 0; good < 20; ) {
      const status = await health(server);
      seen.add(status);
      good = status === 200 ? good + 1 : 0;
      deadline.throwIfAborted();
    }
    await observer.end();
    assert.deepEqual(
      [...seen].filter((status) => status !== 200 && status !== 503),
      [],
    );
  });

  test("a PostgreSQL that hangs is reported by /healthz too, while pages without it are served (OP-06)", async () => {
    await using relay = await createRelay(postgres.url);
    const url = relay.through((await createDatabase(postgres.url)).url);
    await using installation = await createInstallation("sqlite", { COUNTERSIGN_DATABASE: url });
    const server = await installation.start();
    assert.equal(await health(server), 200);
    await relay.hang();
    const late = AbortSignal.timeout(15_000);
    const answer = health(server);
    assert.equal((await server.browser().get("/sign-in")).status, 200);
    const silence = new Promise<string>((resolve) => late.addEventListener("abort", () => resolve("no answer")));
    assert.equal(await Promise.race([answer, silence]), 503);
    await relay.shut();
    await relay.open();
    assert.equal(await health(server), 200);
  });
});

async function health(server: ServerProcess): Promise<number> {
  return (await server.browser().get("/healthz")).status;
}
