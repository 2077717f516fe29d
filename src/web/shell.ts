// What surrounds every page: the words and links of the layouts, and the notice that the page before left.

import type { Role } from "../auth.ts";
import type { Text } from "../text/text.ts";
import { type Answer, page, redirect, tooMany } from "./answer.ts";
import { clearCookie, setCookie } from "./middleware/cookies.ts";
import type { FormProblem } from "./problem.ts";
import type { EnrollingVisit, Visit } from "./route.ts";
import { reader } from "./times.ts";
import { actions, button, linkButton } from "./ui/button.ts";
import { form } from "./ui/form.ts";
import { appLayout, cardLayout } from "./ui/layout.ts";
import type { Content, Markup } from "./ui/markup.ts";
import { errorSummary, type NoticeKind, notice } from "./ui/notice.ts";
import { dateText, dateTimeText } from "./ui/time.ts";
import type { NavigationLink } from "./ui/top-bar.ts";

/** The two pages of My profile that others lead to; the first is there for accounts of our own. */
export const PREFERENCES = "/account";
export const SECURITY = "/account/security";

type Place = "users" | "groups" | "rescues" | "policy" | "protection" | "events";

/** What a role finds in the bar over the page. */
const NAVIGATION: Record<Role, readonly Place[]> = {
  person: [],
  support: ["users"],
  administrator: ["users", "groups", "rescues", "policy", "protection", "events"],
};

type Part = {
  title: string;
  heading?: Content;
  children: Content;
  /** Default: 200. */
  status?: number;
  /** What is wrong with a form on the page: the title, the status and a summary that takes the focus say so. */
  problem?: FormProblem | undefined;
  /** The one field of the page, where it has one: that takes the focus and says what is wrong, without a summary. */
  onlyField?: string;
};

/** A page of signing in and setting up. */
export function cardPage(visit: Visit, part: Part & { footer?: Content; hideQuery?: string }): Answer {
  const markup = cardLayout({
    ...common(visit, part),
    footer: part.footer,
    ...(part.hideQuery === undefined ? {} : { hideQuery: part.hideQuery }),
    children: [leftNotice(visit), summary(part, undefined), part.children],
  });
  return answerWith(markup, part);
}

/** A page of somebody who is signed in. */
export function appPage(
  visit: EnrollingVisit,
  part: Part & { tabs?: NavigationLink[]; action?: Content; width?: "wide" | "narrow" },
): Answer {
  const { auth, text, session, path } = visit;
  const current = (href: string) => path === href || path.startsWith(`${href}/`);
  const link = (name: Place) => ({ href: `/${name}`, label: text.common[name], current: current(`/${name}`) });
  const markup = appLayout({
    ...common(visit, part),
    skip: text.common.skip,
    person: { name: session.user.name },
    menu: {
      label: text.common.menu,
      links: session.mayOnlyEnrol
        ? []
        : [
            {
              href: auth.accounts === "own" ? PREFERENCES : SECURITY,
              label: text.common.myProfile,
              current: current("/account"),
            },
          ],
    },
    navigation: {
      label: text.common.navigation,
      links: session.mayOnlyEnrol ? [] : NAVIGATION[session.user.role].map(link),
    },
    signOut: { action: "/sign-out", label: text.common.signOut },
    tabs: part.tabs && { label: text.account.tabs, links: part.tabs },
    action: part.action,
    width: part.width ?? "narrow",
    children: [
      leftNotice(visit),
      rescueBanner(visit),
      reminder(visit),
      summary(part, text.common.problems),
      part.children,
    ],
  });
  return answerWith(markup, part);
}

function summary({ problem, onlyField }: Part, title: string | undefined): Content {
  if (problem === undefined || (onlyField !== undefined && problem.field === onlyField)) return undefined;
  return errorSummary({ title, errors: [problem] });
}

function answerWith(markup: Markup, { problem, status }: Part): Answer {
  if (problem === undefined) return page(markup, status);
  const answer = page(markup, problem.status ?? 422);
  return problem.status === 429 ? tooMany(answer, problem.retryAfterSeconds ?? null) : answer;
}

/** Tells the person, on every page, that somebody wants to let them back in, and stops it at a click. */
function rescueBanner(visit: EnrollingVisit): Content {
  const { rescue, mayOnlyEnrol } = visit.session;
  if (rescue === undefined || mayOnlyEnrol) return undefined;
  const words = visit.text.rescue;
  const moment = (at: number) => dateTimeText({ at, ...reader(visit) });
  return notice({
    kind: "warning",
    title: words.bannerTitle[rescue.way],
    children: [
      words.banner(moment(rescue.askedAt), rescue.readyAt === null ? null : moment(rescue.readyAt)),
      form({
        action: "/account/rescue/stop",
        layout: "bare",
        children: actions(button({ label: words.stop, kind: "danger" })),
      }),
    ],
  });
}

/** Pages that show by themselves how well the account is protected, and offer what is missing. */
const PAGES_ABOUT_IT = ["/", SECURITY];

/** Asks somebody without a second factor for one, on every page but those where it is set up. */
function reminder(visit: EnrollingVisit): Content {
  const { text, session, path } = visit;
  const sentence = asked(visit);
  if (sentence === undefined || session.mayOnlyEnrol || path.startsWith("/account/security/")) return undefined;
  const isRequired = session.asked?.requirement === "required";
  const link = linkButton({ href: "/account/security", label: text.required.setUp, kind: "quiet" });
  if (!PAGES_ABOUT_IT.includes(path))
    return notice({ kind: isRequired ? "warning" : "info", children: [sentence, link] });
  return isRequired && notice({ kind: "warning", children: sentence });
}

/** Until when a second factor is asked for, in words; nothing where none is. */
export function asked(visit: EnrollingVisit): string | undefined {
  const { text, session } = visit;
  if (session.mayOnlyEnrol || session.asked === undefined) return undefined;
  const { requirement, dueAt, signInsLeft } = session.asked;
  if (requirement === "encouraged") return text.required.encouraged;
  return text.required.until(dueAt === null ? undefined : dateText({ at: dueAt, ...reader(visit) }), signInsLeft);
}

function common({ text, auth, look }: Visit, { title, heading, problem }: Part) {
  return {
    lang: text.language,
    dir: text.direction,
    title: (problem !== undefined ? text.common.errorTitle : text.common.title)(title, auth.options.name),
    product: auth.options.name,
    look,
    heading: heading ?? title,
  };
}

/** A sentence that a page leaves for the next one. */
export type Notice = keyof Text["done"];

const KINDS: Partial<Record<Notice, NoticeKind>> = {
  twoFactorFirst: "warning",
  sessionEnded: "warning",
  sessionExpired: "info",
  signInExpired: "warning",
  enrolmentExpired: "warning",
  signedOut: "info",
  name_invalid: "danger",
  not_found: "warning",
  rescueGone: "warning",
  nobodySelected: "warning",
  last_authenticator: "warning",
  too_many_authenticators: "warning",
};

/** Sends the browser to another page, which shows this notice. */
export function leaveNotice(visit: Visit, notice: Notice, path: string): Answer {
  visit.setCookies.push(setCookie("notice", notice, 60));
  return redirect(path);
}

/** The session ended while its person did something. */
export function sessionOver(visit: Visit): Answer {
  visit.setCookies.push(clearCookie("session"));
  return leaveNotice(visit, "sessionExpired", "/sign-in");
}

function leftNotice({ text, notice: left }: Visit): Content {
  // It comes from a cookie, so it may be anything.
  const isKnown = (key: string): key is Notice => Object.hasOwn(text.done, key);
  if (left === undefined || !isKnown(left)) return undefined;
  return notice({ kind: KINDS[left] ?? "success", role: "status", children: text.done[left] });
}
