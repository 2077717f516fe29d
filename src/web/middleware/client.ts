// Who is asking, as far as the connection tells. Forwarding headers are read only from proxies that the operator
// named; anybody else could write any address there.

import { randomUUID } from "node:crypto";
import { type BlockList, isIP } from "node:net";
import type { Client } from "../../context.ts";

const USER_AGENT_LENGTH = 300;

/** Describes the sender of a request whose TCP peer has this address. */
export function clientOf(headers: Headers, peer: string, trustedProxies: BlockList): Client {
  return {
    address: forwardedAddress(headers, peer, trustedProxies),
    userAgent: (headers.get("user-agent") ?? "").replace(/[^\x20-\x7e]/g, "?").slice(0, USER_AGENT_LENGTH),
    // Made from randomness that is fetched in advance; bytes of its own would cost as much as all the rest here.
    requestId: randomUUID(),
  };
}

/** Walks X-Forwarded-For from the right, past proxies that are trusted; the first other address is the client's. */
function forwardedAddress(headers: Headers, peer: string, trustedProxies: BlockList): string {
  let address = plain(peer);
  const forwarded = (headers.get("x-forwarded-for") ?? "").split(",").map((part) => part.trim());
  while (isTrusted(address, trustedProxies)) {
    const next = forwarded.pop();
    if (next === undefined || isIP(next) === 0) break;
    address = plain(next);
  }
  return address;
}

function isTrusted(address: string, trustedProxies: BlockList): boolean {
  const family = isIP(address);
  return family !== 0 && trustedProxies.check(address, family === 6 ? "ipv6" : "ipv4");
}

/** An IPv4 address that a dual-stack socket shows as IPv6. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}
