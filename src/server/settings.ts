// Settings come from the environment, and only this file reads it. All are checked at start, the problems reported
// together; an unknown COUNTERSIGN_ name is a mistake that must not pass unseen.

import { BlockList, isIP } from "node:net";
import { isAbsolute, join, resolve } from "node:path";
import { checkOptions, type Options, OptionsError } from "../options.ts";

/** Every setting: its default and what it means. docs/settings.md is checked against this table. */
export const SETTINGS = {
  PORT: { default: "4180", meaning: "Port to listen on" },
  HOST: { default: "localhost", meaning: "Address to listen on" },
  COUNTERSIGN_PUBLIC_URL: {
    default: "http://localhost:$PORT",
    meaning: "Where people reach the pages; https, except for localhost",
  },
  COUNTERSIGN_DATA: { default: "./data", meaning: "Folder for the database, the keys and the outbox" },
  COUNTERSIGN_DATABASE: {
    default: "file:$COUNTERSIGN_DATA/countersign.sqlite",
    meaning: "`file:PATH` for SQLite, or `postgres://…`",
  },
  COUNTERSIGN_KEYS_FILE: {
    default: "$COUNTERSIGN_DATA/keys.json",
    meaning: "Keys that seal secrets in the database; made at the first start, for its owner's eyes alone",
  },
  COUNTERSIGN_NAME: { default: "Countersign", meaning: "Name that pages, mails and authenticator apps show" },
  COUNTERSIGN_TRUST_DAYS: {
    default: "30",
    meaning: "Days for which a person may trust a browser, which then asks for no code; 0 turns it off, 30 is the most",
  },
  COUNTERSIGN_EVENT_RETENTION_DAYS: {
    default: "none",
    meaning: "Days after which events are removed, 30 to 3650; without it, they are kept for ever",
  },
  COUNTERSIGN_SMTP_URL: {
    default: "none",
    meaning: "`smtp://…` or `smtps://…`; without it, mails are written as files into the outbox folder",
  },
  COUNTERSIGN_MAIL_FROM: { default: "no-reply@ and the host of the public URL", meaning: "Sender address of mails" },
  COUNTERSIGN_TRUSTED_PROXIES: {
    default: "none",
    meaning: "Addresses or networks (CIDR), separated by commas, of proxies whose X-Forwarded-For is believed",
  },
} as const;

type Name = keyof typeof SETTINGS;

export type Settings = Options & {
  port: number;
  host: string;
  data: string;
  keysFile: string;
  smtpUrl: string | undefined;
  mailFrom: string;
  trustedProxies: BlockList;
};

/** Reads and checks all settings. Throws an OptionsError with every problem. */
export function readSettings(environment: Readonly<Record<string, string | undefined>> = process.env): Settings {
  const problems = unknownNames(environment);
  const get = (name: Name): string | undefined => {
    const value = environment[name]?.trim();
    return value === "" ? undefined : value;
  };

  const port = Number(get("PORT") ?? SETTINGS.PORT.default);
  if (!isPort(port)) problems.push(`PORT is not a port number: ${get("PORT")}`);
  const data = resolve(get("COUNTERSIGN_DATA") ?? SETTINGS.COUNTERSIGN_DATA.default);

  const smtpUrl = get("COUNTERSIGN_SMTP_URL");
  if (smtpUrl !== undefined && !/^smtps?:\/\/[^/]/.test(smtpUrl)) {
    problems.push("COUNTERSIGN_SMTP_URL must start with smtp:// or smtps://");
  }
  const trustedProxies = new BlockList();
  for (const entry of (get("COUNTERSIGN_TRUSTED_PROXIES") ?? "").split(",").map((part) => part.trim())) {
    if (entry !== "" && !trust(trustedProxies, entry)) {
      problems.push(`COUNTERSIGN_TRUSTED_PROXIES has an entry that is no address or network: ${entry}`);
    }
  }

  // Defaults follow from values that are right alone, so that one mistake is reported once.
  const publicUrl = get("COUNTERSIGN_PUBLIC_URL") ?? `http://localhost:${isPort(port) ? port : SETTINGS.PORT.default}`;
  const retention = get("COUNTERSIGN_EVENT_RETENTION_DAYS");
  const options = collect(problems, () =>
    checkOptions({
      publicUrl,
      database: databaseUrl(get("COUNTERSIGN_DATABASE"), data),
      name: get("COUNTERSIGN_NAME") ?? SETTINGS.COUNTERSIGN_NAME.default,
      trustDays: Number(get("COUNTERSIGN_TRUST_DAYS") ?? SETTINGS.COUNTERSIGN_TRUST_DAYS.default),
      eventRetentionDays: retention === undefined ? null : Number(retention),
    }),
  );
  const mailFrom = get("COUNTERSIGN_MAIL_FROM") ?? defaultSender(publicUrl);
  if (!/^[^\s@]+@[^\s@]+$/.test(mailFrom)) problems.push(`COUNTERSIGN_MAIL_FROM is not an email address: ${mailFrom}`);
  if (options === undefined || problems.length > 0) throw new OptionsError(problems);
  return {
    ...options,
    port,
    host: get("HOST") ?? SETTINGS.HOST.default,
    data,
    keysFile: resolve(get("COUNTERSIGN_KEYS_FILE") ?? join(data, "keys.json")),
    smtpUrl,
    mailFrom,
    trustedProxies,
  };
}

function collect<T>(problems: string[], check: () => T): T | undefined {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

/** A relative path of a `file:` URL counts from the working folder, as everywhere else. */
function databaseUrl(url: string | undefined, data: string): string {
  if (url === undefined) return `file:${join(data, "countersign.sqlite")}`;
  const path = /^file:(?:\/\/(?=\/))?(.+)$/.exec(url)?.[1];
  if (path === undefined || path === ":memory:") return url;
  return `file:${isAbsolute(path) ? path : resolve(path)}`;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 65_535;
}

function defaultSender(publicUrl: string): string {
  const hostname = URL.canParse(publicUrl) ? new URL(publicUrl).hostname : "";
  return `no-reply@${hostname === "" ? "localhost" : hostname}`;
}

function trust(list: BlockList, entry: string): boolean {
  const [address = "", bits, ...rest] = entry.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  const type = family === 6 ? "ipv6" : "ipv4";
  if (bits === undefined) {
    list.addAddress(address, type);
    return true;
  }
  const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  // Trusting the whole world would let anybody write any address.
  if (prefix < 1 || prefix > (family === 6 ? 128 : 32)) return false;
  list.addSubnet(address, prefix, type);
  return true;
}

function unknownNames(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = Object.keys(SETTINGS);
  return Object.keys(environment)
    .filter((name) => name.startsWith("COUNTERSIGN_") && !known.includes(name))
    .map((name) => {
      const [nearest] = known
        .map((candidate) => ({ candidate, far: distance(name, candidate) }))
        .sort((a, b) => a.far - b.far);
      return `There is no setting ${name}. Did you mean ${nearest?.candidate}?`;
    });
}

/** Levenshtein's distance: how many characters to insert, remove or replace. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
