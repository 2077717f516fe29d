// What the details of an event say, in words. Names and reasons were typed by people: they are text here, whatever is
// in them.

import {
  BULK_ACTS,
  type DetailsOf,
  type Event,
  type EventKind,
  POLICY_POINT_NAMES,
  partsOfProfile,
} from "../../auth.ts";
import { deviceName } from "../../device.ts";
import type { Text } from "../../text/text.ts";
import { wordsFor } from "../policy/said.ts";
import { dateText, type Reader } from "../ui/time.ts";

type Words = { text: Text; reader: Reader };
type Tell<K extends EventKind> = (details: Event<K>["details"], words: Words) => string | undefined;

/** Each kind that always tells something must be told here; a kind that tells nothing, or not always, may be. */
type Telling = {
  readonly [K in EventKind as Record<never, never> extends DetailsOf[K] ? never : K]: Tell<K>;
} & { readonly [K in EventKind]?: Tell<K> };

/** The details in words; `undefined` where the kind says all. */
export function detailsOf<K extends EventKind>(
  kind: K,
  details: Event<K>["details"],
  words: Words,
): string | undefined {
  if (Object.keys(details).length === 0) return undefined;
  const telling: { readonly [Kind in EventKind]?: Tell<Kind> } = TELLING;
  return telling[kind]?.(details, words);
}

const TELLING: Telling = {
  "sign_in.succeeded": ({ method }, { text }) => text.methods.names[method],
  "sign_in.abandoned": ({ userAgent, address }, { text }) =>
    text.home.from(deviceName(userAgent, text) ?? text.common.unknownDevice, address),
  "attempts.slowed": ({ kind, misses }, { text }) => text.events.details.tries(text.lockout.kinds[kind], misses),
  "confirmation.refused": ({ reason }, { text }) =>
    reason === "wrong_password" ? text.lockout.kinds.password : text.lockout.kinds.code,
  "session.ended": ({ ended }, { text }) => (ended === undefined ? undefined : text.events.details.otherBrowser),
  "sessions.ended": ({ ended }, { text }) => text.events.details.sessions(ended),
  "two_factor.reset": ({ reason }) => reason,
  "two_factor.required": ({ from }, { text, reader }) => text.events.details.from(dateText({ at: from, ...reader })),
  "rescue.asked": ({ way, reason }, { text }) =>
    reason === "" ? text.rescue.ways[way] : text.events.details.because(text.rescue.ways[way], reason),
  "rescue.approved": ({ way }, { text }) => text.rescue.ways[way],
  "rescue.withdrawn": ({ way }, { text }) => text.rescue.ways[way],
  "rescue.stopped": ({ way, by }, { text }) =>
    by === undefined ? text.rescue.ways[way] : text.events.details.stoppedBy[by](text.rescue.ways[way]),
  "enrolment_link.made": ({ given, reason }, { text }) =>
    text.events.details.because(text.events.details.given[given], reason),
  "authenticator.added": ({ name }) => name,
  "authenticator.renamed": ({ name }) => name,
  "authenticator.removed": ({ name }) => name,
  "recovery_code.used": ({ left }, { text }) => text.events.details.codesLeft(left),
  "trusted_browser.removed": (details, { text }) =>
    "reason" in details ? text.events.details.stolen : text.events.details.browsers(details.removed),
  "profile.changed": ({ what }, { text }) => parts(what, text),
  "user.created": ({ role }, { text }) => text.roles[role],
  "user.changed": ({ what, role }, { text }) => {
    const changed = parts(what, text);
    return partsOfProfile(what).includes("role") ? text.events.details.newRole(changed, text.roles[role]) : changed;
  },
  "policy.changed": (said, words) => {
    const { policy, events } = words.text;
    const whom = "group" in said ? policy.group(said.group) : policy.scopes[said.scope];
    const points = POLICY_POINT_NAMES.flatMap((name) => {
      const value = said[name];
      if (value === undefined) return [];
      const point = policy.points[name];
      const sentence = wordsFor(words, name, value);
      // A choice in the words of its field means little without the field's name.
      return "says" in point ? sentence : events.details.point(point.label, sentence);
    });
    return points.length === 0 ? events.details.noRule(whom) : events.details.rule(whom, points);
  },
  "group.created": ({ group }) => group,
  "group.renamed": ({ group, before }, { text }) => text.events.details.renamed(before, group),
  "group.removed": ({ group, members }, { text }) => text.events.details.groupOf(group, members),
  "group.member_added": ({ group }) => group,
  "group.member_removed": ({ group }) => group,
  "job.begun": ({ act, people, reason }, { text }) => {
    const known = BULK_ACTS.find((name) => name === act);
    const whom = text.events.details.many(known === undefined ? act : text.jobs.acts[known], people);
    return reason === undefined ? whom : text.events.details.because(whom, reason);
  },
  "job.stopped": ({ reason }, { text }) => (reason === undefined ? undefined : text.jobs.stoppedBecause),
  "mails.retried": ({ mails }, { text }) => text.outbox.position(mails),
  "request.refused": ({ route }) => route,
  "events.exported": ({ format, kind }, { text }) =>
    kind === undefined
      ? text.events.details.formats[format]
      : text.events.details.exported(text.events.details.formats[format], text.events.kinds[kind]),
  "events.removed": ({ removed, through }, { text }) => text.events.details.removed(removed, through),
  "api_key.created": ({ name, scopes, days }, { text }) => {
    const known = { ...text.apiKeys.scope };
    const may = text.list(
      Object.entries(known)
        .filter(([scope]) => scopes.split(" ").includes(scope))
        .map(([, words]) => words),
      "and",
    );
    return text.events.details.key(name, may, days === "without end" ? null : days);
  },
  "api_key.revoked": ({ name }) => name,
  "api_key.used": ({ name }) => name,
  "api_key.refused": ({ reason, name }, { text }) => {
    const why = text.events.details.keyRefused[reason];
    return name === undefined ? why : text.events.details.because(name, why);
  },
};

function parts(what: string, text: Text): string {
  const names = partsOfProfile(what).map((part) => text.events.details.parts[part]);
  return text.list(names, "and");
}
