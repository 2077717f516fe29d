// The gate before sensitive acts. The form that was interrupted travels along unseen and is sent again with the
// password, so confirming does exactly what was wanted, and nothing else.

import type { Explanation, LivingSession, Recent } from "../../auth.ts";
import { type Answer, redirect } from "../answer.ts";
import { clearCookie, setCookie } from "../middleware/cookies.ts";
import { busy, type FormProblem, triesUsedUp } from "../problem.ts";
import type { Confirmation, EnrollingVisit } from "../route.ts";
import { trustTokens } from "../sign-in/browsers.ts";
import { reader } from "../times.ts";
import { clockText } from "../ui/time.ts";
import { confirmationPage } from "./views.ts";

/** Gives back the confirmed session, or the answer that asks for the confirmation. */
export async function confirmFirst<V extends EnrollingVisit>(
  visit: V,
  confirmation: Confirmation<V>,
): Promise<{ session: Recent<LivingSession> } | Answer> {
  const { auth, client, form, session, text } = visit;
  const recent = auth.confirmation.recent(session);
  if (recent !== undefined && confirmation.kind === "first") return { session: recent };
  const password = form.get("current_password");
  const code = form.get("current_code");
  if (confirmation.kind === "first" && !form.entries.has("current_password")) return confirmationPage(visit, undefined);

  const again = (problem: FormProblem) =>
    confirmation.kind === "first" ? confirmationPage(visit, problem) : confirmation.again(visit, problem);
  if (password === "") return again({ message: text.confirm.missingPassword, field: "current_password" });

  const outcome = await auth.confirmation.confirm(client, session, {
    password,
    code,
    trustTokens: trustTokens(visit.cookies),
  });
  if (outcome.ok) {
    visit.setCookies.push(setCookie("session", outcome.sessionToken));
    return { session: outcome.session };
  }
  switch (outcome.reason) {
    case "wrong_password":
      return again({ message: text.confirm.wrongPassword, field: "current_password" });
    case "wrong_code":
    case "used_code":
      return again({ message: refusedCode(visit, outcome.explanation), field: "current_code" });
    case "too_many_attempts":
      return again(triesUsedUp(visit, outcome.retryAfterSeconds));
    case "busy":
      return again(busy(visit));
    case "session_ended":
    case "expired":
      visit.setCookies.push(clearCookie("session"), setCookie("notice", "sessionEnded", 60));
      return redirect("/sign-in");
  }
}

/** Why a code was refused, where the browser is trusted; otherwise one sentence for every cause. */
function refusedCode(visit: EnrollingVisit, explanation: Explanation | undefined): string {
  const { text, auth } = visit;
  const time = clockText({ at: auth.now(), ...reader(visit) });
  switch (explanation?.cause) {
    case undefined:
      return text.code.refused(time);
    case "used":
      return text.code.used;
    case "behind":
      return text.code.behind(explanation.seconds);
    case "wrong":
      return text.code.wrong(time);
  }
}
