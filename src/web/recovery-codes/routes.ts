// Recovery codes: shown when they are made, to be copied, printed or saved; proved by typing one; renewed.

import { FEW_RECOVERY_CODES, type RecoveryCodes } from "../../auth.ts";
import { deviceName } from "../../device.ts";
import { type Answer, redirect, tooMany } from "../answer.ts";
import { reader } from "../reader.ts";
import type { ConfirmedVisit, EnrollingVisit, PersonVisit, Route, Visit } from "../route.ts";
import { appPage, leaveNotice } from "../shell.ts";
import { actions, button, copyButton, linkButton, printButton } from "../ui/button.ts";
import { codeField } from "../ui/code-field.ts";
import { facts } from "../ui/facts.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { notice } from "../ui/notice.ts";
import { codeList, disclosure } from "../ui/secret.ts";
import { section } from "../ui/section.ts";
import { time } from "../ui/time.ts";
import { timeline } from "../ui/timeline.ts";
import { wantedPage } from "../wanted-page.ts";

export const routes: Route[] = [
  {
    method: "POST",
    path: "/account/security/recovery-codes",
    who: "person",
    confirmation: { kind: "first" },
    handle: renew,
  },
  { method: "GET", path: "/account/security/recovery-codes/check", who: "person", handle: (visit) => checkPage(visit) },
  { method: "POST", path: "/account/security/recovery-codes/check", who: "person", handle: check },
  { method: "GET", path: "/account/security/recovered", who: "person", handle: recovered },
];

async function renew(visit: ConfirmedVisit): Promise<Answer> {
  const outcome = await visit.auth.recoveryCodes.renew(visit.client, visit.session);
  if (!outcome.ok) return redirect("/account/security");
  return newCodesPage(
    visit,
    outcome.codes,
    notice({ kind: "success", role: "status", children: visit.text.recovery.renewed }),
  );
}

async function check(visit: PersonVisit): Promise<Answer> {
  const { auth, client, form: sent, session, text } = visit;
  const outcome = await auth.recoveryCodes.proveKept(client, session, sent.get("recovery_code"));
  if (outcome.ok) {
    return leaveNotice(visit, "recoveryCodesKept", "/account/security");
  }
  switch (outcome.reason) {
    case "wrong_code":
      return checkPage(visit, text.recovery.wrong);
    case "too_many_attempts":
      return tooMany(checkPage(visit, text.wait(outcome.retryAfterSeconds ?? 3600)), outcome.retryAfterSeconds);
    case "busy":
      return { ...checkPage(visit, text.busy), status: 503 };
    case "expired":
      return redirect("/sign-in");
  }
}

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
        { name: words.site, value: `${auth.options.name}, ${new URL(auth.options.publicUrl).host}` },
        { name: words.account, value: `${session.user.name} (${session.user.login})` },
        { name: words.made, value: time({ at: auth.now(), style: "date", ...reader(visit) }) },
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

function checkPage(visit: PersonVisit, problem?: string): Answer {
  const { text } = visit;
  return appPage(visit, {
    title: text.recovery.checkTitle,
    isError: problem !== undefined,
    status: problem === undefined ? 200 : 422,
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
export function recoveryCodeField({ text }: Visit, error: string | undefined): Content {
  const { code: label, hint } = text.recovery;
  return codeField({ name: "recovery_code", label, hint, kind: "text", required: true, autofocus: true, error });
}

/** After signing in by a recovery code: what is left, and the way to a new phone. */
async function recovered(visit: PersonVisit): Promise<Answer> {
  const { text } = visit;
  const codes = await visit.auth.recoveryCodes.find(await visit.account());
  const wanted = wantedPage(visit.query.get("next"));
  return appPage(visit, {
    title: text.recovery.recoveredTitle,
    children: [
      notice({ kind: "warning", children: text.recovery.recovered(codes?.left ?? 0) }),
      text.recovery.newPhone,
      actions(
        linkButton({ href: "/account/security", label: text.recovery.newPhoneAction, kind: "primary" }),
        linkButton({ href: wanted, label: text.recovery.continue }),
      ),
    ],
  });
}

/** The part of Account security: how many are left, which were used, new ones. */
export function recoveryCodesSection(visit: PersonVisit, codes: RecoveryCodes | undefined): Content {
  if (codes?.doCount === false) return undefined;
  const { text } = visit;
  const words = text.recovery;
  const now = visit.auth.now();
  const date = (at: number) => time({ at, style: "date", ...reader(visit) });
  return section({
    id: "recovery-codes",
    heading: words.heading,
    intro: words.intro,
    children: [
      fewCodes(visit, codes) ?? notice({ kind: "info", children: words.left(codes?.left ?? 0) }),
      codes &&
        facts([
          { name: words.made, value: date(codes.madeAt) },
          { name: words.proved, value: codes.keptAt === null ? words.notProved : date(codes.keptAt) },
        ]),
      codes !== undefined &&
        codes.used.length > 0 &&
        disclosure({
          summary: words.usedTitle(codes.used.length),
          children: timeline(
            codes.used.map(({ at, address, userAgent }) => ({
              title: words.used,
              when: time({ at, now, style: "relative", ...reader(visit) }),
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
