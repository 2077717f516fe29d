import assert from "node:assert/strict";
import { isAbsolute, join, resolve } from "node:path";
import { describe, test } from "node:test";
import { OptionsError } from "../options.ts";
import { readSettings, type SETTINGS } from "./settings.ts";

describe("settings", () => {
  test("with no setting at all, everything has its documented default", () => {
    const { trustedProxies, ...settings } = readSettings({});
    const data = resolve("data");
    assert.deepEqual(settings, {
      publicUrl: "http://localhost:4180",
      database: `file:${join(data, "countersign.sqlite")}`,
      name: "Countersign",
      trustDays: 30,
      eventRetentionDays: null,
      languages: ["en"],
      port: 4180,
      host: "localhost",
      data,
      keysFile: join(data, "keys.json"),
      smtpUrl: undefined,
      mailFrom: "no-reply@localhost",
    });
    assert.deepEqual(trustedProxies.rules, []);
  });

  test("every setting is read", () => {
    const given: Record<keyof typeof SETTINGS, string> = {
      PORT: "8080",
      HOST: "0.0.0.0",
      COUNTERSIGN_PUBLIC_URL: "https://accounts.example.org",
      COUNTERSIGN_DATA: "/srv/countersign",
      COUNTERSIGN_DATABASE: "postgres://db.example.org/accounts",
      COUNTERSIGN_KEYS_FILE: "/etc/countersign/keys.json",
      COUNTERSIGN_NAME: "Example Accounts",
      COUNTERSIGN_TRUST_DAYS: "7",
      COUNTERSIGN_EVENT_RETENTION_DAYS: "400",
      COUNTERSIGN_SMTP_URL: "smtps://mail.example.org",
      COUNTERSIGN_MAIL_FROM: "accounts@example.org",
      COUNTERSIGN_TRUSTED_PROXIES: "192.0.2.7, 2001:db8::/32",
    };
    const { trustedProxies, ...settings } = readSettings(given);
    assert.deepEqual(settings, {
      publicUrl: "https://accounts.example.org",
      database: "postgres://db.example.org/accounts",
      name: "Example Accounts",
      trustDays: 7,
      eventRetentionDays: 400,
      languages: ["en"],
      port: 8080,
      host: "0.0.0.0",
      data: "/srv/countersign",
      keysFile: "/etc/countersign/keys.json",
      smtpUrl: "smtps://mail.example.org",
      mailFrom: "accounts@example.org",
    });
    assert.equal(trustedProxies.check("192.0.2.7"), true);
    assert.equal(trustedProxies.check("192.0.2.8"), false);
    assert.equal(trustedProxies.check("2001:db8::1", "ipv6"), true);
    assert.equal(trustedProxies.check("2001:db9::1", "ipv6"), false);
  });

  test("an empty value counts as none, and spaces around one do not", () => {
    const settings = readSettings({ PORT: "", COUNTERSIGN_NAME: "  ", HOST: " ::1 " });
    assert.equal(settings.port, 4180);
    assert.equal(settings.name, "Countersign");
    assert.equal(settings.host, "::1");
  });

  test("the default public URL follows the port", () => {
    assert.equal(readSettings({ PORT: "8080" }).publicUrl, "http://localhost:8080");
  });

  test("the database and the keys lie in the data folder, unless they are put elsewhere", () => {
    const inFolder = readSettings({ COUNTERSIGN_DATA: "elsewhere" });
    assert.equal(inFolder.database, `file:${resolve("elsewhere", "countersign.sqlite")}`);
    assert.equal(inFolder.keysFile, resolve("elsewhere", "keys.json"));
    const apart = readSettings({ COUNTERSIGN_DATABASE: "file:here.sqlite", COUNTERSIGN_KEYS_FILE: "there.json" });
    assert.equal(apart.database, `file:${resolve("here.sqlite")}`);
    assert.equal(apart.keysFile, resolve("there.json"));
    assert.ok(isAbsolute(apart.data));
  });

  test("a database can be named by a file URL too", () => {
    assert.equal(readSettings({ COUNTERSIGN_DATABASE: "file:///srv/a.sqlite" }).database, "file:/srv/a.sqlite");
  });

  test("mails come from the host of the public URL", () => {
    assert.equal(
      readSettings({ COUNTERSIGN_PUBLIC_URL: "https://accounts.example.org" }).mailFrom,
      "no-reply@accounts.example.org",
    );
  });

  test("all problems are reported together (OP-07)", () => {
    const problems = problemsOf({
      PORT: "80000",
      COUNTERSIGN_PUBLIC_URL: "http://accounts.example.org",
      COUNTERSIGN_DATABASE: "mysql://localhost/accounts",
      COUNTERSIGN_NAME: "N".repeat(61),
      COUNTERSIGN_SMTP_URL: "mail.example.org",
      COUNTERSIGN_MAIL_FROM: "nobody",
      COUNTERSIGN_TRUSTED_PROXIES: "localhost",
      COUNTERSIGN_DATABSE: "file:x",
    });
    const expected = [
      /COUNTERSIGN_DATABSE/,
      /PORT.*80000/,
      /COUNTERSIGN_SMTP_URL/,
      /COUNTERSIGN_TRUSTED_PROXIES.*localhost/,
      /http:\/\/accounts\.example\.org must be https/,
      /database must be/,
      /name must have/,
      /COUNTERSIGN_MAIL_FROM.*nobody/,
    ];
    for (const pattern of expected) {
      assert.equal(problems.filter((problem) => pattern.test(problem)).length, 1, `${pattern} in\n${problems}`);
    }
    assert.equal(problems.length, expected.length);
  });

  for (const [name, nearest] of [
    ["COUNTERSIGN_SMPT_URL", "COUNTERSIGN_SMTP_URL"],
    ["COUNTERSIGN_SMTP_URI", "COUNTERSIGN_SMTP_URL"],
    ["COUNTERSIGN_PUBLICURL", "COUNTERSIGN_PUBLIC_URL"],
    ["COUNTERSIGN_KEY_FILE", "COUNTERSIGN_KEYS_FILE"],
    ["COUNTERSIGN_TRUSTED_PROXY", "COUNTERSIGN_TRUSTED_PROXIES"],
    ["COUNTERSIGN_DATABASE_URL", "COUNTERSIGN_DATABASE"],
  ] as const) {
    test(`the unknown name ${name} is refused, and the nearest known one proposed (OP-07)`, () => {
      assert.deepEqual(problemsOf({ [name]: "x" }), [`There is no setting ${name}. Did you mean ${nearest}?`]);
    });
  }

  test("a name of other programs is nobody's business", () => {
    assert.equal(readSettings({ PROT: "1", COUNTERSIGNED: "1", countersign_name: "1" }).port, 4180);
  });

  for (const port of ["abc", "-1", "65536", "80.5", "4180x"]) {
    test(`PORT=${port} is refused, by one sentence`, () => {
      assert.deepEqual(problemsOf({ PORT: port }), [`PORT is not a port number: ${port}`]);
    });
  }

  for (const url of ["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080", "https://a.example.org"]) {
    test(`the public URL ${url} is accepted (SE-08)`, () => {
      assert.equal(readSettings({ COUNTERSIGN_PUBLIC_URL: url }).publicUrl, url);
      assert.equal(readSettings({ COUNTERSIGN_PUBLIC_URL: `${url}/` }).publicUrl, url);
    });
  }

  for (const url of [
    "http://accounts.example.org",
    "http://localhost.example.org",
    "http://127.0.0.1.example.org",
    "http://192.0.2.1",
    "http://0.0.0.0:4180",
    "ftp://localhost",
    "javascript:alert(1)",
    "accounts.example.org",
    "https://accounts.example.org/under/a/path",
    "https://accounts.example.org/?query",
    "https://ada:secret@accounts.example.org",
  ]) {
    test(`the public URL ${url} is refused (SE-08)`, () => {
      const problems = problemsOf({ COUNTERSIGN_PUBLIC_URL: url });
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0] ?? "", /public URL/);
    });
  }

  for (const url of ["mysql://localhost/a", "sqlite:a", "a.sqlite", "file:", "postgres://"]) {
    test(`the database ${url} is refused`, () => {
      assert.deepEqual(problemsOf({ COUNTERSIGN_DATABASE: url }), [
        "The database must be `file:PATH` or `postgres://…`",
      ]);
    });
  }

  for (const entry of [
    "10.0.0.0/0",
    "::/0",
    "10.0.0.0/33",
    "10.0.0.0/8/8",
    "proxy.example.org",
    "10.0.0",
    "10.0.0.1:80",
  ]) {
    test(`the trusted proxy ${entry} is refused (FA-01)`, () => {
      const problems = problemsOf({ COUNTERSIGN_TRUSTED_PROXIES: `127.0.0.1, ${entry}` });
      assert.deepEqual(problems, [`COUNTERSIGN_TRUSTED_PROXIES has an entry that is no address or network: ${entry}`]);
    });
  }
});

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readSettings(environment);
  } catch (error) {
    assert.ok(error instanceof OptionsError, String(error));
    return error.problems;
  }
  return assert.fail("The settings were accepted");
}
