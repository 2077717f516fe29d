// The first step at a form of the host, which has checked the password itself. From there on the steps are ours.

import type { Answer } from "../answer.ts";
import { wantedPage } from "../wanted-page.ts";
import { browserTokens, trustTokens } from "./browsers.ts";
import { type Entry, goOn } from "./entry.ts";

/** Whose password was right, by the host's id, and the page of this site that they wanted. */
export type Entering = { userId: string; wantedPage?: string | null | undefined };

/** Lets somebody in, or asks them for a code; `undefined` for whoever the host does not know, or has disabled. */
export async function enterAtHost(visit: Entry, entering: Entering): Promise<Answer | undefined> {
  const { auth, client, cookies } = visit;
  const outcome = await auth.signIn.beginFor({
    client,
    userId: entering.userId,
    wantedPage: wantedPage(entering.wantedPage),
    browserTokens: browserTokens(cookies),
    earlierToken: cookies["sign-in"],
    trustTokens: trustTokens(cookies),
  });
  if (outcome.ok) return goOn(visit, outcome);
  if (outcome.reason === "not_allowed") throw new Error("Only a host with accounts of its own lets people in itself");
  return undefined;
}
