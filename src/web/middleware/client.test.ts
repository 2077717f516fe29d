// Who is asking. Whoever could write their own address would have a budget for each address they can think of.

import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { describe, test } from "node:test";
import fc from "fast-check";
import { clientOf } from "./client.ts";

const NOBODY = new BlockList();
const PROXIES = new BlockList();
PROXIES.addAddress("10.0.0.1");
PROXIES.addSubnet("10.1.0.0", 16);
PROXIES.addSubnet("2001:db8:ff::", 48, "ipv6");

function addressOf(headers: Record<string, string>, peer: string, trusted = PROXIES): string {
  return clientOf(new Headers(headers), peer, trusted).address;
}

describe("the address of a client", () => {
  test("it is the peer's, and forwarding headers say nothing where no proxy is trusted (RL-09, T-24)", () => {
    for (const header of [
      "x-forwarded-for",
      "x-real-ip",
      "forwarded",
      "x-client-ip",
      "true-client-ip",
      "cf-connecting-ip",
    ]) {
      for (const value of ["198.51.100.7", "for=198.51.100.7", "127.0.0.1", "::1", "10.0.0.1"]) {
        assert.equal(addressOf({ [header]: value }, "192.0.2.1", NOBODY), "192.0.2.1");
        assert.equal(addressOf({ [header]: value }, "127.0.0.1", NOBODY), "127.0.0.1");
      }
    }
  });

  test("a peer that is no trusted proxy is not believed (RL-09)", () => {
    assert.equal(addressOf({ "x-forwarded-for": "198.51.100.7" }, "192.0.2.1"), "192.0.2.1");
    assert.equal(addressOf({ "x-forwarded-for": "198.51.100.7, 10.0.0.1" }, "192.0.2.1"), "192.0.2.1");
  });

  test("behind a trusted proxy it is the right-most address that is none of ours (RL-09)", () => {
    const forwarded = (value: string, peer = "10.0.0.1") => addressOf({ "x-forwarded-for": value }, peer);
    assert.equal(forwarded("198.51.100.7"), "198.51.100.7");
    assert.equal(forwarded("203.0.113.9, 198.51.100.7"), "198.51.100.7");
    assert.equal(forwarded("203.0.113.9, 198.51.100.7, 10.1.2.3"), "198.51.100.7");
    assert.equal(forwarded("203.0.113.9,198.51.100.7,10.1.2.3,10.0.0.1", "10.1.9.9"), "198.51.100.7");
    assert.equal(forwarded("2001:db8:1::1, 2001:db8:ff::5", "2001:db8:ff::9"), "2001:db8:1::1");
  });

  test("what stands left of the client's address is the client's own invention (RL-09, T-24)", () => {
    const invented = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string({ maxLength: 8 }).map((text) => text.replace(/[^!-~]/g, "")),
    );
    fc.assert(
      fc.property(fc.array(invented, { maxLength: 5 }), (left) => {
        assert.equal(
          addressOf({ "x-forwarded-for": [...left, "198.51.100.7"].join(", ") }, "10.0.0.1"),
          "198.51.100.7",
        );
      }),
    );
  });

  test("several headers are one list, as RFC 9110 §5.3 reads them", () => {
    const headers = new Headers();
    headers.append("x-forwarded-for", "203.0.113.9");
    headers.append("x-forwarded-for", "198.51.100.7");
    assert.equal(clientOf(headers, "10.0.0.1", PROXIES).address, "198.51.100.7");
  });

  test("a value that is no address counts against the proxy, and frees nobody (RL-09, WILD-9)", () => {
    for (const value of [
      "",
      " ",
      "unknown",
      "evil",
      "198.51.100.7:1234",
      "for=198.51.100.7",
      "198.51.100.7,",
      "1.2.3",
      "[::1]",
    ]) {
      assert.equal(addressOf({ "x-forwarded-for": value }, "10.0.0.1"), "10.0.0.1", value);
    }
    assert.equal(addressOf({}, "10.0.0.1"), "10.0.0.1");
  });

  test("a list of trusted proxies alone ends at its left-most one", () => {
    assert.equal(addressOf({ "x-forwarded-for": "10.1.0.7, 10.1.0.8" }, "10.0.0.1"), "10.1.0.7");
  });

  test("an IPv4 peer on a dual-stack socket is the IPv4 address, trusted or not", () => {
    assert.equal(addressOf({}, "::ffff:192.0.2.1"), "192.0.2.1");
    assert.equal(addressOf({ "x-forwarded-for": "198.51.100.7" }, "::ffff:10.0.0.1"), "198.51.100.7");
    assert.equal(addressOf({ "x-forwarded-for": "::FFFF:198.51.100.7" }, "10.0.0.1"), "198.51.100.7");
    assert.equal(addressOf({ "x-forwarded-for": "198.51.100.7" }, "::ffff:192.0.2.1"), "192.0.2.1");
  });

  test("a link-local peer with a zone is no reason to fail", () => {
    assert.equal(addressOf({ "x-forwarded-for": "198.51.100.7" }, "fe80::1%eth0"), "fe80::1%eth0");
    assert.equal(addressOf({ "x-forwarded-for": "fe80::1%eth0" }, "10.0.0.1"), "fe80::1%eth0");
  });
});

describe("what else is told", () => {
  test("the user agent is plain text of bounded length", () => {
    const client = clientOf(new Headers({ "user-agent": `\u00ff\u0080${"x".repeat(1_000)}` }), "192.0.2.1", NOBODY);
    assert.equal(client.userAgent, `??${"x".repeat(298)}`);
    assert.equal(clientOf(new Headers(), "192.0.2.1", NOBODY).userAgent, "");
  });

  test("each request has an id that nobody can choose or guess", () => {
    const headers = new Headers({ "x-request-id": "chosen" });
    const ids = Array.from({ length: 1_000 }, () => clientOf(headers, "192.0.2.1", NOBODY).requestId);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });
});
