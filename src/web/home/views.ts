import type { Event, RecoveryCodes } from "../../auth.ts";
import { deviceName } from "../../device.ts";
import type { Answer } from "../answer.ts";
import { fewCodes } from "../recovery-codes/views.ts";
import type { PersonVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { ago, reader } from "../times.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { notice } from "../ui/notice.ts";
import { section, standing } from "../ui/section.ts";
import { exactTime } from "../ui/time.ts";
import { timeline } from "../ui/timeline.ts";

/** How the account stands, and what happened to it. */
export function homePage(
  visit: PersonVisit,
  {
    signIns,
    warnings,
    codes,
  }: {
    signIns: Event<"sign_in.succeeded">[];
    warnings: Event<"sign_in.abandoned">[];
    codes: RecoveryCodes | undefined;
  },
): Answer {
  const { text, session } = visit;
  return appPage(visit, {
    title: text.home.title,
    heading: text.home.greeting(session.user.name),
    width: "wide",
    children: [
      ...warnings.slice(0, 1).map((event) => warning(visit, event)),
      section({ heading: text.home.protection, children: [protection(visit), renewal(visit, codes)] }),
      section({
        heading: text.home.signIns,
        intro: text.home.signInsIntro,
        children: timeline(
          signIns.map((event) => ({
            title: text.home.signedIn[event.details.method],
            when: ago(visit, event.at),
            detail: text.home.from(deviceName(event.userAgent, text) ?? text.common.unknownDevice, event.address),
          })),
        ),
      }),
    ],
  });
}

function protection({ text, session }: PersonVisit): Content {
  return session.user.twoFactor
    ? standing({
        kind: "success",
        icon: "shield-check",
        title: text.home.protectedTitle,
        children: text.home.protected,
      })
    : standing({
        kind: "warning",
        icon: "shield",
        title: text.home.unprotectedTitle,
        children: [
          text.home.unprotected,
          actions(linkButton({ href: "/account/security", label: text.home.unprotectedAction, kind: "primary" })),
        ],
      });
}

/** The offer of new recovery codes to who has two-factor authentication and few of them. */
function renewal(visit: PersonVisit, codes: RecoveryCodes | undefined): Content {
  const few = visit.session.user.twoFactor && fewCodes(visit, codes);
  return (
    few && [few, actions(linkButton({ href: "/account/security#recovery-codes", label: visit.text.recovery.renew }))]
  );
}

function warning(visit: PersonVisit, { details }: Event<"sign_in.abandoned">): Content {
  const { text } = visit;
  const when = exactTime({ at: details.at, ...reader(visit) });
  const device = deviceName(details.userAgent, text) ?? text.common.unknownDevice;
  return notice({
    kind: "danger",
    title: text.home.warningTitle,
    children: [
      text.home.warning(when, device, details.address),
      form({
        action: "/warnings/read",
        layout: "bare",
        children: actions(
          visit.auth.accounts === "own" &&
            linkButton({ href: "/account#password", label: text.home.warningPassword, kind: "primary" }),
          button({ label: text.home.warningKnown, kind: "quiet" }),
        ),
      }),
    ],
  });
}
