import assert from "node:assert/strict";
import { argon2Sync } from "node:crypto";
import { availableParallelism } from "node:os";
import { describe, test } from "node:test";
import { hashPassword, inHashingSlot, needsRehash, verifyPassword } from "./password.ts";

const PASSWORD = "seven quiet lanterns drift";

/** A hash of PASSWORD by the platform's own argon2, which is another implementation than ours. */
function platformHash({ kind = "argon2id", memory = 19_456, passes = 2, salt = "0123456789abcdef" } = {}): string {
  const nonce = Buffer.from(salt);
  const shape = { message: PASSWORD, nonce, parallelism: 1, tagLength: 32, memory, passes };
  const tag = argon2Sync(kind as "argon2id", shape);
  const [coded, tagCoded] = [nonce, tag].map((bytes) => Buffer.from(bytes).toString("base64").replace(/=+$/, ""));
  return `$${kind}$v=19$m=${memory},t=${passes},p=1$${coded}$${tagCoded}`;
}

describe("a stored password", () => {
  test("is an argon2id PHC string of 19 MiB and two passes, with a salt of 16 bytes of its own (PW-06)", async () => {
    const [one, other] = await Promise.all([hashPassword(PASSWORD), hashPassword(PASSWORD)]);
    for (const phc of [one, other]) {
      const [, salt = "", tag = ""] = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$([^$]+)\$([^$]+)$/.exec(phc) ?? [];
      assert.equal(Buffer.from(salt, "base64").length, 16);
      assert.equal(Buffer.from(tag, "base64").length, 32);
      assert.ok(await verifyPassword(PASSWORD, phc));
      for (const word of PASSWORD.split(" ")) assert.ok(!phc.includes(word));
    }
    assert.notEqual(one.split("$")[4], other.split("$")[4]);
    assert.notEqual(one.split("$")[5], other.split("$")[5]);
  });

  test("is what another implementation makes of it, known beforehand, in both directions (PW-06)", async () => {
    const known = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$biDAxRS+YpeQkxiVXeu0Fn+LgdPMpQduywhjat8iF28";
    assert.equal(platformHash(), known);
    assert.ok(await verifyPassword(PASSWORD, known));
    const ours = await hashPassword(PASSWORD);
    const salt = Buffer.from(ours.split("$")[4] ?? "", "base64");
    const tag = argon2Sync("argon2id", {
      message: PASSWORD,
      nonce: salt,
      parallelism: 1,
      tagLength: 32,
      memory: 19_456,
      passes: 2,
    });
    assert.equal(ours.split("$")[5], Buffer.from(tag).toString("base64").replace(/=+$/, ""));
  });

  test("is compared to its last character, without trimming or folding (PW-02, PW-03)", async () => {
    const long = `${"lantern ".repeat(31)}last one`;
    const phc = await hashPassword(long);
    assert.ok(await verifyPassword(long, phc));
    for (const wrong of [`${long.slice(0, -1)}f`, long.slice(0, -1), `${long} `, ` ${long}`, long.toUpperCase(), ""]) {
      assert.ok(!(await verifyPassword(wrong, phc)), wrong.slice(-20));
    }
  });

  test("is the same in both ways of writing an accent, at setting and at checking (PW-03)", async () => {
    const [composed, decomposed] = ["caf\u00e9 \u00c5ngstr\u00f6m quiet", "cafe\u0301 A\u030angstro\u0308m quiet"];
    assert.notEqual(composed, decomposed);
    for (const set of [composed, decomposed]) {
      const phc = await hashPassword(set);
      assert.ok(await verifyPassword(composed, phc));
      assert.ok(await verifyPassword(decomposed, phc));
    }
    // Compatibility forms are other characters and stay so: NFC, not NFKC.
    assert.ok(!(await verifyPassword("\uff11\uff12\uff13 quiet lanterns", await hashPassword("123 quiet lanterns"))));
  });
});

describe("without a usable hash", () => {
  test("no password is right, not even that of the stand-in that is checked instead (LS-07)", async () => {
    for (const password of [PASSWORD, "", "countersign nobody", "nobody"]) {
      assert.equal(await verifyPassword(password, null), false);
    }
  });

  test("a hash of another kind lets nobody in, though the password is right (PW-06)", async () => {
    const good = platformHash();
    assert.ok(await verifyPassword(PASSWORD, good));
    const others = [
      platformHash({ kind: "argon2i" }),
      platformHash({ kind: "argon2d" }),
      good.replace("v=19", "v=16"),
      good.replace("$v=19", ""),
      good.slice(1),
      ` ${good}`,
      good.replace("argon2id", "ARGON2ID"),
      "$2b$12$abcdefghijklmnopqrstuuPZzvTGj8dTdQcJ0kaFyRmDZyLJyAV6W",
      PASSWORD,
      "",
    ];
    for (const phc of others) assert.equal(await verifyPassword(PASSWORD, phc), false, phc);
  });

  test("a hash that is cut or damaged lets nobody in (LS-09)", async () => {
    const good = platformHash();
    const [, kind, version, parameters, salt = "", tag = ""] = good.split("$");
    const damaged = [
      good.slice(0, -1),
      good.slice(0, -20),
      `${good}A`,
      `${good}\n`,
      ["", kind, version, parameters].join("$"),
      ["", kind, version, parameters, salt].join("$"),
      ["", kind, version, parameters, salt, ""].join("$"),
      ["", kind, version, parameters, "", tag].join("$"),
      ["", kind, version, "m=0,t=0,p=0", salt, tag].join("$"),
      ["", kind, version, "m=19456,t=3,p=1", salt, tag].join("$"),
    ];
    for (const phc of damaged) {
      // Whether it is refused or reported as broken does not matter here, only that it is not taken for right.
      assert.equal(await verifyPassword(PASSWORD, phc).catch(() => false), false, phc);
    }
  });

  test("a planted hash that asks for gigabytes or many passes is refused for the price of any other (PW-06)", async () => {
    const [, , , , salt, tag] = platformHash().split("$");
    const before = process.resourceUsage().maxRSS;
    for (const parameters of [
      "m=262145,t=1,p=1",
      "m=2097152,t=1,p=1",
      "m=4194304,t=2,p=1",
      "m=9999999,t=2,p=1",
      "m=99999999,t=2,p=1",
      "m=19456,t=11,p=1",
      "m=19456,t=999,p=1",
      "m=19456,t=4294967295,p=1",
      "m=19456,t=2,p=5",
      "m=19456,t=2,p=255",
    ]) {
      const planted = `$argon2id$v=19$${parameters}$${salt}$${tag}`;
      assert.equal(await verifyPassword(PASSWORD, planted), false, parameters);
    }
    const grown = process.resourceUsage().maxRSS - before;
    assert.ok(grown < 200 * 1024, `${grown} KiB more at the peak`);
  });
});

describe("today's parameters", () => {
  test("are asked for again where a hash was made with weaker ones (PW-06)", async () => {
    assert.equal(needsRehash(await hashPassword(PASSWORD)), false);
    assert.equal(needsRehash(platformHash()), false);
    for (const weaker of [{ memory: 8_192 }, { passes: 1 }, { memory: 19_455 }, { memory: 64, passes: 1 }]) {
      const phc = platformHash(weaker);
      assert.ok(await verifyPassword(PASSWORD, phc), "a weaker hash still lets its owner in");
      assert.equal(needsRehash(phc), true, phc);
    }
  });

  test("are not asked for where a hash was made with stronger ones: nobody is made weaker by signing in (PW-06)", async () => {
    const stronger = platformHash({ memory: 32_768, passes: 3 });
    assert.ok(await verifyPassword(PASSWORD, stronger));
    assert.equal(needsRehash(stronger), false);
  });
});

describe("hashing slots", () => {
  const SLOTS = availableParallelism() + 1;

  /** Work that goes on until it is released; it remembers who began, in order. */
  function workshop() {
    const began: number[] = [];
    const releases: (() => void)[] = [];
    let atOnce = 0;
    let most = 0;
    return {
      began,
      most: () => most,
      work: (id: number) => async () => {
        began.push(id);
        most = Math.max(most, ++atOnce);
        await new Promise<void>((resolve) => releases.push(resolve));
        atOnce--;
        return id;
      },
      /** Ends what runs now, and lets everything that waits for that come to rest. */
      release: async () => {
        for (const release of releases.splice(0)) release();
        await new Promise((resolve) => setImmediate(resolve));
      },
    };
  }

  test("are one more than there are cores: it is counted while the others are hashed, and no more are under way (RL-10)", async () => {
    const { work, began, most, release } = workshop();
    const all = Array.from({ length: SLOTS * 10 }, (_, id) => inHashingSlot(work(id)));
    assert.equal(began.length, SLOTS);
    while (began.length < all.length) await release();
    await release();
    assert.equal(most(), SLOTS);
    assert.deepEqual(await Promise.all(all), Array.from(all.keys()));
  });

  test("serve in the order of arrival, and a newcomer does not overtake who waits (RL-10)", async () => {
    const { work, began, release } = workshop();
    const all = Array.from({ length: SLOTS * 3 }, (_, id) => inHashingSlot(work(id)));
    await release();
    // Slots were handed on to the first who waited; somebody who comes now is last.
    all.push(inHashingSlot(work(SLOTS * 3)));
    while (began.length < all.length) await release();
    await release();
    await Promise.all(all);
    assert.deepEqual(began, Array.from(all.keys()));
  });

  test("have a queue with an end: who finds it full is told at once, and nobody else is hurt (RL-10)", async () => {
    const { work, began, release } = workshop();
    const QUEUE = 64 * availableParallelism();
    const taken = Array.from({ length: SLOTS + QUEUE }, (_, id) => inHashingSlot(work(id)));
    const refused = Array.from({ length: 5 }, (_, id) => inHashingSlot(work(10_000 + id)));
    assert.deepEqual(await Promise.all(refused), Array(5).fill(undefined));
    while (began.length < taken.length) await release();
    await release();
    assert.deepEqual(await Promise.all(taken), Array.from(taken.keys()));
    assert.equal(await inHashingSlot(async () => "free again"), "free again");
  });

  test("are given back when the work fails, so that failures do not use them up (RL-10)", async () => {
    const failures = Array.from({ length: SLOTS * 3 }, () =>
      inHashingSlot(async () => {
        throw new Error("broken");
      }),
    );
    for (const result of await Promise.allSettled(failures)) assert.equal(result.status, "rejected");
    const { work, began, release } = workshop();
    const all = Array.from({ length: SLOTS }, (_, id) => inHashingSlot(work(id)));
    assert.equal(began.length, SLOTS);
    await release();
    await Promise.all(all);
  });
});
