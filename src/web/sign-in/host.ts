// The first step at a form of the host, which has checked the password itself. From there on the steps are ours.

import type { HostStep } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import { wantedPage } from "../wanted-page.ts";
import { browserTokens, trustTokens } from "./browsers.ts";
import { type Entry, goOn } from "./entry.ts";

/** Whose password it should be, by the host's id, how to look whether it is, and the page of this site that they wanted. */
export type Entering = Pick<HostStep, "userId" | "check"> & { wantedPage?: string | null | undefined };

/** Lets somebody in, or asks them for a code; `undefined` for a wrong password, and whoever the host has disabled. */
export async function enterAtHost(
  visit: Entry,
  { userId, check, wantedPage: wanted }: Entering,
): Promise<Answer | undefined> {
  const { auth, client, cookies } = visit;
  const outcome = await auth.signIn.beginFor({
    client,
    userId,
    check,
    wantedPage: wantedPage(wanted),
    browserTokens: browserTokens(cookies),
    earlierToken: cookies["sign-in"],
    trustTokens: trustTokens(cookies),
  });
  if (outcome.ok) return goOn(visit, outcome);
  if (outcome.reason === "not_allowed") throw new Error("Only a host with accounts of its own lets people in itself");
  return undefined;
}
