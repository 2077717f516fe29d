import { FEW_RECOVERY_CODES, type RecoveryCodes } from "../../auth.ts";
import { deviceName } from "../../device.ts";
import type { Answer } from "../answer.ts";
import type { FormProblem } from "../problem.ts";
import type { EnrollingVisit, PersonVisit, Visit } from "../route.ts";
import { appPage } from "../shell.ts";
import { ago, date } from "../times.ts";
import { actions, button, copyButton, linkButton, printButton } from "../ui/button.ts";
import { codeField } from "../ui/code-field.ts";
import { facts } from "../ui/facts.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { notice } from "../ui/notice.ts";
import { codeList, disclosure } from "../ui/secret.ts";
import { section } from "../ui/section.ts";
import { timeline } from "../ui/timeline.ts";
import { wantedPage } from "../wanted-page.ts";

export const FIELD = "recovery_code";

/** The codes, this once. Nothing of them stays with us that could be shown again. */
export function newCodesPage(visit: EnrollingVisit, codes: string[], done: Content): Answer {
  const { text, auth, session } = visit;
  const words = text.recovery;
  const heading = words.sheet(auth.options.name, session.user.login);
  const sheet = [heading, new URL(auth.options.publicUrl).host, "", ...codes, ""].join("\r\n");
  return appPage(visit, {
    title: words.newTitle,
    children: [
      done,
      words.keep,
      facts([
        { name: words.site, value: words.siteAt(auth.options.name, new URL(auth.options.publicUrl).host) },
        { name: words.account, value: words.accountOf(session.user.name, session.user.login) },
        { name: words.made, value: date(visit, auth.now()) },
      ]),
      codeList({ id: "codes", codes }),
      actions(
        linkButton({ href: "/account/security/recovery-codes/check", label: words.goOn, kind: "primary" }),
        copyButton({ target: "codes", label: text.common.copy, copied: text.common.copied }),
        printButton({ label: words.print }),
        linkButton({
          href: `data:text/plain;charset=utf-8,${encodeURIComponent(sheet)}`,
          label: words.download,
          download: "recovery-codes.txt",
        }),
      ),
    ],
  });
}

/** The new codes that somebody asked for. */
export function renewedPage(visit: PersonVisit, codes: string[]): Answer {
  return newCodesPage(visit, codes, notice({ kind: "success", role: "status", children: visit.text.recovery.renewed }));
}

/** Asks for one of the codes, to prove that they were kept. */
export function checkPage(visit: PersonVisit, problem?: FormProblem): Answer {
  const { text } = visit;
  return appPage(visit, {
    title: text.recovery.checkTitle,
    problem,
    onlyField: FIELD,
    children: form({
      action: "/account/security/recovery-codes/check",
      children: [
        text.recovery.checkIntro,
        recoveryCodeField(visit, problem),
        actions(
          button({ label: text.recovery.checkSubmit }),
          linkButton({ href: "/account/security", label: text.recovery.later }),
        ),
      ],
    }),
  });
}

/** The one field for a recovery code, here and at the second step. */
export function recoveryCodeField({ text }: Visit, problem: FormProblem | undefined): Content {
  const { code: label, hint } = text.recovery;
  const error = problem?.message;
  return codeField({ name: FIELD, label, hint, kind: "text", required: true, autofocus: true, error });
}

/** After signing in by a recovery code: what is left, and the way to a new phone. */
export function recoveredPage(visit: PersonVisit, left: number): Answer {
  const { text } = visit;
  return appPage(visit, {
    title: text.recovery.recoveredTitle,
    children: [
      notice({ kind: "warning", children: text.recovery.recovered(left) }),
      text.recovery.newPhone,
      actions(
        linkButton({ href: "/account/security", label: text.recovery.newPhoneAction, kind: "primary" }),
        linkButton({ href: wantedPage(visit.query.get("next")), label: text.recovery.continue }),
      ),
    ],
  });
}

/** The part of Account security: how many are left, which were used, new ones. */
export function recoveryCodesSection(visit: PersonVisit, codes: RecoveryCodes | undefined): Content {
  if (codes?.doCount === false) return undefined;
  const { text } = visit;
  const words = text.recovery;
  return section({
    id: "recovery-codes",
    heading: words.heading,
    intro: words.intro,
    children: [
      fewCodes(visit, codes) ?? notice({ kind: "info", children: words.left(codes?.left ?? 0) }),
      codes &&
        facts([
          { name: words.made, value: date(visit, codes.madeAt) },
          { name: words.proved, value: codes.keptAt === null ? words.notProved : date(visit, codes.keptAt) },
        ]),
      codes !== undefined &&
        codes.used.length > 0 &&
        disclosure({
          summary: words.usedTitle(codes.used.length),
          children: timeline(
            codes.used.map(({ at, address, userAgent }) => ({
              title: words.used,
              when: ago(visit, at),
              detail: text.home.from(deviceName(userAgent, text) ?? text.common.unknownDevice, address),
            })),
          ),
        }),
      form({
        action: "/account/security/recovery-codes",
        children: [
          codes && words.renewConsequences,
          actions(
            button({ label: words.renew, kind: "quiet" }),
            codes && linkButton({ href: "/account/security/recovery-codes/check", label: words.checkLink }),
          ),
        ],
      }),
    ],
  });
}

/** A warning when few are left or none were made; nothing otherwise. */
export function fewCodes({ text }: PersonVisit, codes: RecoveryCodes | undefined): Content {
  const left = codes?.left ?? 0;
  if (codes?.doCount === false || left > FEW_RECOVERY_CODES) return undefined;
  return notice({ kind: "warning", children: text.recovery.few(left) });
}
