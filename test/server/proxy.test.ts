// Behind a real reverse proxy that ends TLS, as the server is meant to be run: people reach https, the server sees http
// from the proxy, under another host name.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { before, describe, test } from "node:test";
import { createProxyServer } from "http-proxy-3";
import forge from "node-forge";
import { openDatabase } from "../../src/db/open.ts";
import { codeFor } from "../../src/testing/auth.ts";
import { createBrowser } from "../../src/testing/browser.ts";
import { createInstallation, fetcherTo, freePort, type Installation } from "../support/server-process.ts";
import { PASSWORD, secretOn } from "../support/world.ts";

/** Where people are: not where the proxy is, so that one can be told from the other. */
const PERSON = "127.0.0.2";
const FORGED = "203.0.113.66";

type Certificate = { key: string; cert: string };

describe("behind a reverse proxy with TLS", () => {
  let certificate: Certificate;
  before(() => {
    certificate = selfSigned();
  });

  test("people sign in by two steps over https, with cookies for this host and TLS alone (SE-08)", async () => {
    await using site = await openSite(certificate, { COUNTERSIGN_TRUSTED_PROXIES: "127.0.0.1" });
    const cookies: string[] = [];
    const browser = site.browser((response) => cookies.push(...response.headers.getSetCookie()));
    assert.match((await browser.post("/sign-in", { login: "ada", password: PASSWORD })).words, /Welcome/);
    const enrolment = await browser.post("/account/security/enrolment", { current_password: PASSWORD });
    const secret = secretOn(enrolment);
    const now = Date.now();
    const on = await browser.post("/account/security/enrolment/confirm", { code: codeFor(secret, now) });
    assert.match(on.words, /Your account is protected/);
    await browser.post("/sign-out");
    const step = await browser.post("/sign-in", { login: "ada", password: PASSWORD, next: "/account" });
    assert.equal(step.path, "/sign-in/code");
    const done = await browser.post("/sign-in/code", { code: codeFor(secret, now + 30_000) });
    assert.deepEqual([done.status, done.path], [200, "/account"]);
    assert.match(done.headers.get("strict-transport-security") ?? "", /max-age=\d{8}/);

    assert.ok(cookies.length > 5);
    for (const cookie of cookies) {
      assert.match(
        cookie,
        /^__Host-countersign-[a-z-]+=[^;]*; Path=\/; Secure; HttpOnly; SameSite=Lax(; Max-Age=\d+)?$/,
      );
    }
  });

  test("links and redirects lead to the public address, never to the server's own (ML-03)", async () => {
    await using site = await openSite(certificate, { COUNTERSIGN_TRUSTED_PROXIES: "127.0.0.1" });
    const response = await site.browser().send("/account", { headers: { "x-forwarded-host": "evil.example.org" } });
    assert.equal(response.headers.get("location"), "/sign-in?next=%2Faccount");
    const add = ["users", "add", "--login", "bob", "--name", "Bob"];
    const { stdout } = await site.installation.run(add);
    assert.ok(stdout.includes(` ${site.url}/invitation?ticket=`), stdout);
  });

  for (const { title, trusted, recorded } of [
    {
      title: "a trusted proxy is believed about who asks, and what a client wrote before it is not (RL-09)",
      trusted: { COUNTERSIGN_TRUSTED_PROXIES: "127.0.0.1" },
      recorded: PERSON,
    },
    {
      title: "a proxy that is not named as trusted is believed nothing (RL-09, FA-01)",
      trusted: {},
      recorded: "127.0.0.1",
    },
    {
      title: "another address that is trusted does not help this proxy (FA-01)",
      trusted: { COUNTERSIGN_TRUSTED_PROXIES: "127.0.0.3, 10.0.0.0/8" },
      recorded: "127.0.0.1",
    },
  ]) {
    test(title, async () => {
      await using site = await openSite(certificate, trusted);
      const forgeries = [
        {},
        { "x-forwarded-for": FORGED },
        { "x-forwarded-for": `${FORGED}, 127.0.0.1` },
        { "x-forwarded-for": "nonsense" },
        { "x-real-ip": FORGED, forwarded: `for=${FORGED}`, "true-client-ip": FORGED, "client-ip": FORGED },
      ];
      for (const headers of forgeries) {
        const response = await site.browser().send("/sign-in", {
          method: "POST",
          body: new URLSearchParams({ login: "ada", password: PASSWORD }).toString(),
          headers: {
            "content-type": "application/x-www-form-urlencoded",
            "sec-fetch-site": "same-origin",
            ...headers,
          },
        });
        assert.equal(response.status, 303);
      }
      assert.deepEqual(await site.signInAddresses(), Array<string>(forgeries.length).fill(recorded));
    });
  }

  test("whoever reaches the server around the proxy cannot choose an address (RL-09)", async () => {
    await using site = await openSite(certificate, { COUNTERSIGN_TRUSTED_PROXIES: "127.0.0.1" });
    const fetcher = fetcherTo(site.serverUrl, { localAddress: PERSON, headers: { "x-forwarded-for": FORGED } });
    const around = createBrowser(fetcher, { publicUrl: site.serverUrl });
    assert.match((await around.post("/sign-in", { login: "ada", password: PASSWORD })).words, /Welcome/);
    assert.deepEqual(await site.signInAddresses(), [PERSON]);
  });

  test("a form of another site is refused, although the server goes by another name behind the proxy (CH-01)", async () => {
    await using site = await openSite(certificate, { COUNTERSIGN_TRUSTED_PROXIES: "127.0.0.1" });
    const send = async (headers: Record<string, string>) => {
      const response = await site.browser().send("/sign-in", {
        method: "POST",
        body: new URLSearchParams({ login: "ada", password: PASSWORD }).toString(),
        headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
      });
      return response.status;
    };
    assert.equal(await send({ origin: site.url }), 303);
    assert.equal(await send({ origin: site.url, "sec-fetch-site": "same-origin" }), 303);
    for (const headers of [
      { origin: "https://evil.example.org" },
      { origin: "https://evil.example.org", "x-forwarded-host": "evil.example.org", host: "evil.example.org" },
      { origin: site.serverUrl },
      { origin: site.url.replace("https:", "http:") },
      { origin: "null" },
      { origin: site.url, "sec-fetch-site": "cross-site" },
      { origin: site.url, "sec-fetch-site": "same-site" },
    ]) {
      assert.equal(await send(headers), 403, JSON.stringify(headers));
    }
    assert.equal((await site.signInAddresses()).length, 2);
  });
});

/** A server for https://localhost:PORT behind a proxy there. */
async function openSite(certificate: Certificate, settings: Record<string, string>) {
  const port = String(await freePort());
  const target = `http://127.0.0.1:${port}`;
  // What a careful configuration of a proxy does: it appends the client's address, and calls the server by its own name.
  const proxy = createProxyServer({ target, xfwd: true, changeOrigin: true });
  const tls = createServer(certificate, (request, response) => void proxy.web(request, response));
  tls.listen(0, "127.0.0.1");
  await once(tls, "listening");
  const url = `https://localhost:${(tls.address() as AddressInfo).port}`;
  const installation = await createInstallation("sqlite", {
    PORT: port,
    HOST: "127.0.0.1",
    COUNTERSIGN_PUBLIC_URL: url,
    ...settings,
  });
  await installation.addPeople(["ada"]);
  const server = await installation.start();
  assert.ok(server.output().startsWith(`Countersign serves ${url}\n`), server.output());

  return {
    url,
    serverUrl: server.url,
    installation,
    browser: (seen: (response: Response) => void = () => {}) => {
      const fetcher = fetcherTo(url, { ca: certificate.cert, localAddress: PERSON });
      const watched = async (request: Request) => {
        const response = await fetcher(request);
        seen(response);
        return response;
      };
      return createBrowser(watched, { publicUrl: url });
    },
    signInAddresses: () => signInAddresses(installation),
    [Symbol.asyncDispose]: async () => {
      tls.close();
      tls.closeAllConnections();
      proxy.close();
      await installation[Symbol.asyncDispose]();
    },
  };
}

async function signInAddresses({ databaseUrl }: Installation): Promise<string[]> {
  const { db } = await openDatabase(databaseUrl);
  const events = await db
    .selectFrom("events")
    .select("address")
    .where("kind", "=", "sign_in.succeeded")
    .orderBy("id")
    .execute();
  await db.destroy();
  return events.map(({ address }) => address);
}

/** A certificate for localhost that nobody signed but itself. */
function selfSigned(): Certificate {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const key = forge.pki.privateKeyFromPem(privateKey);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(key.n, key.e);
  certificate.serialNumber = "01";
  certificate.validity.notBefore = new Date(Date.now() - 86_400_000);
  certificate.validity.notAfter = new Date(Date.now() + 86_400_000);
  const name = [{ name: "commonName", value: "localhost" }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: "basicConstraints", cA: true },
    { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
  ]);
  certificate.sign(key, forge.md.sha256.create());
  return { key: privateKey, cert: forge.pki.certificateToPem(certificate) };
}
