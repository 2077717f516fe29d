// What a host application decides; everything has a default. Problems are reported together, in words for its operator.

import { dialectOf } from "./db/open.ts";

export type Options = {
  /** Where people reach the pages; links in mails and the check of origins come from it, never from a request. */
  publicUrl: string;
  /** `file:PATH` or `postgres://…`. */
  database: string;
  /** The name that pages and authenticator apps show. */
  name: string;
  /** For how many days a person may trust a browser, which then asks for no code; 0 to 30, and 0 turns it off. */
  trustDays: number;
  /** For how many days events are kept, 30 to 3650; null keeps them for ever. */
  eventRetentionDays: number | null;
  /** Languages that people can choose, as BCP 47 tags; the first is that of a new person. */
  languages: readonly string[];
};

/** The options that a host must or may give. */
export type GivenOptions = Partial<Options>;

/** Thrown with every problem at once. */
export class OptionsError extends Error {
  override name = "OptionsError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** Fills in the defaults and checks the result. */
export function checkOptions(given: GivenOptions): Options {
  const options: Options = {
    publicUrl: "http://localhost:4180",
    database: "file:./data/countersign.sqlite",
    name: "Countersign",
    trustDays: 30,
    eventRetentionDays: null,
    languages: ["en"],
    ...given,
  };
  const problems = [...publicUrlProblems(options.publicUrl)];
  if (dialectOf(options.database) === undefined) problems.push("The database must be `file:PATH` or `postgres://…`");
  if (options.name.trim() === "" || options.name.length > 60) problems.push("The name must have 1 to 60 characters");
  if (!Number.isInteger(options.trustDays) || options.trustDays < 0 || options.trustDays > 30)
    problems.push("The days of trust must be a whole number from 0 to 30");
  const { eventRetentionDays: kept } = options;
  if (kept !== null && (!Number.isInteger(kept) || kept < 30 || kept > 3650))
    problems.push("The days for which events are kept must be a whole number from 30 to 3650");
  problems.push(...languageProblems(options.languages));
  if (problems.length > 0) throw new OptionsError(problems);
  return { ...options, publicUrl: new URL(options.publicUrl).origin, name: options.name.trim() };
}

function languageProblems(languages: readonly string[]): string[] {
  if (languages.length === 0) return ["There must be a language"];
  const isTag = (tag: string) => {
    try {
      return Intl.getCanonicalLocales(tag)[0] === tag;
    } catch {
      return false;
    }
  };
  return languages.filter((tag) => !isTag(tag)).map((tag) => `The language ${tag} is not a BCP 47 tag, such as pt-BR`);
}

/** Cookies that say who somebody is must not travel in the clear: plain http is for one's own machine alone. */
function publicUrlProblems(text: string): string[] {
  if (!URL.canParse(text)) return [`The public URL ${text} is not a URL`];
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return [`The public URL ${text} must be https`];
  const problems: string[] = [];
  if (url.protocol === "http:" && !["localhost", "127.0.0.1", "[::1]"].includes(url.hostname)) {
    problems.push(`The public URL ${text} must be https: plain http is for localhost alone`);
  }
  if (url.pathname !== "/" || url.search || url.hash || url.username || url.password) {
    problems.push(`The public URL ${text} must be an origin alone, such as https://accounts.example.org`);
  }
  return problems;
}
