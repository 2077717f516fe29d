// The attack: the name of a person, or of the installation, is written so that an authenticator app reads more from the
// QR code than it should: another secret, another issuer, an entry that overwrites that of another account. Apps differ
// in how they read the address, and some decode all of it before they look for its parts. No name reaches that far.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as otpauth from "otpauth";
import { codeFor } from "../../../src/testing/auth.ts";
import type { Page } from "../../../src/testing/browser.ts";
import { createWorld, OPERATOR, onBothDatabases, PASSWORD, secretOn, type World } from "../../support/world.ts";

const FALSE_SECRET = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

const NAMES = [
  "Steam",
  `Evil & Co:secret?secret=${FALSE_SECRET}`,
  "100%25 <b>Ünïcode</b> 🔐 \"#1\" / 'more'",
  "Plain Company",
];

const LOGINS = [
  "plain",
  "eve@example.org",
  "bank:eve",
  `x&secret=${FALSE_SECRET}`,
  `x?secret=${FALSE_SECRET}#`,
  "x%26secret%3daaaa%3abank",
  "a+b=c\\d/e",
  "<script>alert(1)</script>",
  "é🔐",
  `long-${"x".repeat(110)}`,
];

/** The address behind "Open the authenticator app", as a browser reads it. */
function addressOn(page: Page): string {
  const links = [...page.text.matchAll(/href="(otpauth:[^"]*)"/g)].map(([, href = ""]) =>
    href.replaceAll("&#39;", "'").replaceAll("&amp;", "&"),
  );
  assert.equal(links.length, 1);
  return links[0] ?? "";
}

async function enrolmentPage(world: World, login: string): Promise<Page> {
  const { auth } = world;
  const profile = { login, name: "Eve", email: null, role: "person" as const, password: PASSWORD };
  const added = await auth.people.add({ client: OPERATOR, authority: auth.operatorAuthority(), ...profile });
  assert.ok(added.ok, login);
  const browser = world.browser();
  await browser.post("/sign-in", { login, password: PASSWORD });
  return browser.post("/account/security/enrolment", { current_password: PASSWORD });
}

/** What must hold of every address, whoever and wherever it is for; gives it as an app reads it. */
function readAddress(page: Page): otpauth.TOTP {
  const address = addressOn(page);
  const [whole, decoded] = [address, decodeURIComponent(address)].map((form) => otpauth.URI.parse(form));
  assert.ok(whole instanceof otpauth.TOTP && decoded instanceof otpauth.TOTP);
  assert.deepEqual(
    [decoded.issuer, decoded.label, decoded.secret.base32],
    [whole.issuer, whole.label, whole.secret.base32],
    "an app that decodes first reads the same",
  );
  assert.equal(whole.secret.base32, secretOn(page));
  assert.equal(address.split("secret=").length, 2);
  assert.ok(!address.includes(FALSE_SECRET));
  assert.deepEqual([whole.algorithm, whole.digits, whole.period], ["SHA1", 6, 30]);
  assert.ok(page.words.includes(`Account name ${whole.label}`), `the page says ${whole.label} too`);
  assert.ok(page.words.includes(`Issuer ${whole.issuer}`), `the page says ${whole.issuer} too`);
  return whole;
}

onBothDatabases("the address that the QR code carries", (dialect) => {
  test("says who it is for and nothing else, whatever a person is called", async () => {
    await using world = await createWorld(dialect, { options: { publicUrl: "https://accounts.example.org" } });
    const labels = new Set<string>();
    for (const login of LOGINS) {
      const page = await enrolmentPage(world, login);
      const read = readAddress(page);
      assert.equal(read.issuer, "Countersign");
      // An app shows the code that the server expects.
      assert.equal(read.generate({ timestamp: world.clock.now() }), codeFor(secretOn(page), world.clock.now()));
      labels.add(read.label);
    }
    assert.equal(labels.size, LOGINS.length, "some apps overwrite an entry of the same name");
    assert.ok(labels.has("plain@accounts.example.org"), "the host tells two installations apart");
    assert.ok(labels.has("eve@example.org"));
  });

  test("says whose it is and nothing else, whatever the installation is called", async () => {
    for (const name of NAMES) {
      await using world = await createWorld(dialect, { options: { name } });
      const read = readAddress(await enrolmentPage(world, "eve"));
      assert.equal(read.label, "eve@localhost");
      assert.notEqual(read.issuer.toLowerCase(), "steam");
      if (name === "Plain Company") assert.equal(read.issuer, name);
    }
  });
});
