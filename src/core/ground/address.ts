// The part of an IP address that one party controls: a whole IPv4 address, the /64 of an IPv6 one.

import { isIPv4, isIPv6 } from "node:net";

/** The key under which attempts from this address are counted; text that is no address counts as itself. */
export function addressKey(address: string): string {
  const [text = ""] = address.split("%");
  if (isIPv4(text) || !isIPv6(text)) return text;
  const groups = ipv6Groups(text);
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (!mapped)
    return `${groups
      .slice(0, 4)
      .map((group) => group.toString(16))
      .join(":")}::/64`;
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** The eight 16-bit groups of an address that is known to be valid. */
function ipv6Groups(text: string): number[] {
  const hex = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [(Number(a) << 8) | Number(b), (Number(c) << 8) | Number(d)].map((group) => group.toString(16)).join(":"),
  );
  const [front = "", back] = hex.split("::");
  const parse = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  if (back === undefined) return parse(front);
  const [before, after] = [parse(front), parse(back)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}
