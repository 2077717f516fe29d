// What is wrong with what was asked for on the page of a user, and in which of its forms it is put right.

import { reasonMissing } from "../act-fields.ts";
import { busy, problemsOf, profileRefusals as sharedRefusals } from "../problem.ts";
import type { SupportVisit } from "../route.ts";

/** Why an act was not done. What a mail cannot do can be handed over instead. */
export function actRefusals(visit: SupportVisit) {
  const { text, form } = visit;
  const { alreadyAccepted, notEnabled } = text.person;
  const onLink = problemsOf(text.rescue.problems, { no_email: "way", mail_not_enough: "way" });
  const onPerson = problemsOf(text.person.obstacles, { no_email: "email" });
  return {
    ...staffRefusals(visit),
    ...onLink,
    ...onPerson,
    no_email: form.entries.has("way") ? onLink.no_email : onPerson.no_email,
    already_accepted: { message: alreadyAccepted },
    not_enabled: { message: notEnabled },
    reason_missing: reasonMissing(visit),
    busy: busy(visit),
  };
}

/** Why a profile was not changed. */
export function profileRefusals(visit: SupportVisit) {
  return { ...staffRefusals(visit), ...sharedRefusals(visit) };
}

/** Why somebody was not put into a group, or taken out of it. */
export function groupRefusals({ text }: SupportVisit) {
  const { refusals } = text.groups;
  return { ...problemsOf(refusals), not_found: { message: refusals.group_unknown } };
}

/** What nobody may do, whoever they are. */
function staffRefusals({ text: { person } }: SupportVisit) {
  return {
    yourself: { message: person.yourself },
    beyond_support: { message: person.beyondSupport },
    last_administrator: { message: person.lastAdministrator },
  };
}
