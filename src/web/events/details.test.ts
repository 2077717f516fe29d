import assert from "node:assert/strict";
import { test } from "node:test";
import { EVENT_KINDS, type Event, type EventKind } from "../../auth.ts";
import { textIn } from "../../text/text.ts";
import { detailsOf } from "./details.ts";

const words = { text: textIn("en"), reader: { language: "en", zone: "Europe/Vienna" } };
const DAY = Date.UTC(2027, 0, 30, 23);

/** What each kind may tell, and what is said of it; a kind that is missing here does not compile. */
const SAID: { [K in EventKind]: [details: Event<K>["details"], sentence: string | undefined] } = {
  "setup.completed": [{}, undefined],
  "sign_in.succeeded": [{ method: "password+code", assurance: "password + code" }, "Password and a code from the app"],
  "sign_in.password_refused": [{}, undefined],
  "sign_in.code_refused": [{}, undefined],
  "sign_in.code_reused": [{}, undefined],
  "sign_in.abandoned": [{ address: "192.0.2.7", userAgent: "", at: 0 }, "Unknown device, from 192.0.2.7"],
  "sign_in.cancelled": [{}, undefined],
  "attempts.slowed": [{ kind: "code", misses: 5 }, "Wrong code, 5 tries"],
  "attempts.unlocked": [{ by: "operator" }, undefined],
  "confirmation.succeeded": [{}, undefined],
  "confirmation.refused": [{ reason: "wrong_password" }, "Wrong password"],
  "session.ended": [{ ended: "AAAAAAAAAAAAAAAA" }, "in another browser"],
  "sessions.ended": [{ ended: 1 }, "1 session"],
  "two_factor.enabled": [{}, undefined],
  "two_factor.disabled": [{}, undefined],
  "two_factor.reset": [{ reason: "lost phone" }, "lost phone"],
  "two_factor.invited": [{ job: "AAAAAAAAAAAAAAAA" }, undefined],
  "two_factor.required": [{ from: DAY }, "from Jan 31, 2027"],
  "two_factor.not_required": [{}, undefined],
  "two_factor.replaced": [{}, undefined],
  "rescue.asked": [{ way: "reset", reason: "lost phone" }, "Reset two-factor authentication; lost phone"],
  "rescue.approved": [{ way: "shown-link" }, "Enrolment link, handed over"],
  "rescue.withdrawn": [{ way: "mailed-link" }, "Enrolment link, by email"],
  "rescue.stopped": [{ way: "self", by: "link" }, "Wait begun at the sign-in, by the link in the mail"],
  "enrolment_link.made": [{ given: "by hand", reason: "lost phone" }, "handed over; lost phone"],
  "authenticator.added": [{ name: "Phone" }, "Phone"],
  "authenticator.renamed": [{ name: "Phone" }, "Phone"],
  "authenticator.removed": [{ name: "Phone" }, "Phone"],
  "recovery_codes.made": [{}, undefined],
  "recovery_codes.kept": [{}, undefined],
  "recovery_code.used": [{ left: 9 }, "9 codes left"],
  "mailed_code.sent": [{}, undefined],
  "trusted_browser.added": [{}, undefined],
  "trusted_browser.removed": [{ removed: 2 }, "2 browsers"],
  "enrolment.begun": [{}, undefined],
  "enrolment.refused": [{}, undefined],
  "password.changed": [{}, undefined],
  "password.reset_requested": [{}, undefined],
  "password.reset": [{}, undefined],
  "password.voided": [{}, undefined],
  "profile.changed": [{ what: "name, time zone" }, "name and time zone"],
  "email.undone": [{}, undefined],
  "user.created": [{ role: "support" }, "Support"],
  "user.invited": [{}, undefined],
  "user.accepted": [{}, undefined],
  "user.changed": [
    { what: "login, email, role, link to undo", role: "administrator" },
    "username, email address, role, and link to undo a change of the address; the role is Administrator now",
  ],
  "user.disabled": [{}, undefined],
  "user.enabled": [{}, undefined],
  "policy.changed": [
    { scope: "role:support", requirement: "required", session_hours: 8 },
    "Role Support; Two-factor authentication: Required; a new sign-in after 8 hours",
  ],
  "group.created": [{ group: "Sales" }, "Sales"],
  "group.renamed": [{ group: "Support", before: "Sales" }, "Sales, now Support"],
  "group.removed": [{ group: "Sales", members: 1 }, "Sales, with 1 person"],
  "group.member_added": [{ group: "Sales" }, "Sales"],
  "group.member_removed": [{ group: "Sales" }, "Sales"],
  "job.begun": [{ job: "AAAAAAAAAAAAAAAA", act: "sign-out", people: 1200 }, "Sign out everywhere, for 1,200 people"],
  "job.stopped": [{}, undefined],
  "job.resumed": [{}, undefined],
  "job.finished": [{}, undefined],
  "mails.retried": [{ mails: 3 }, "3 mails"],
  "request.refused": [{ route: "/sign-in" }, "/sign-in"],
  "events.exported": [{ format: "csv", kind: "user.disabled" }, "CSV, only “Disabled the user”"],
  "events.removed": [{ removed: 1000, through: 5000, hash: "h" }, "1,000 events, up to number 5,000"],
  "api_key.created": [
    { name: "nightly", scopes: "profile:read introspect", days: 30 },
    "nightly, for 30 days (See your profile and Check other people's keys)",
  ],
  "api_key.revoked": [{ name: "nightly" }, "nightly"],
  "api_key.used": [{ name: "nightly" }, "nightly"],
  "api_key.refused": [{ reason: "expired", name: "nightly" }, "nightly; it has expired"],
};

test("what each kind of event tells is said in words", () => {
  for (const kind of EVENT_KINDS) {
    const [details, sentence] = SAID[kind];
    assert.equal(detailsOf(kind, details, words), sentence, kind);
  }
});

test("what one kind tells in another way is said as well", () => {
  const say = <K extends EventKind>(kind: K, details: Event<K>["details"]) => detailsOf(kind, details, words);
  assert.equal(say("session.ended", {}), undefined);
  assert.equal(say("rescue.asked", { way: "self", reason: "" }), "Wait begun at the sign-in");
  assert.equal(say("rescue.stopped", { way: "reset" }), "Reset two-factor authentication");
  assert.match(say("job.stopped", { reason: "no_authority" }) ?? "", /no longer has the right/);
  assert.equal(say("job.begun", { job: "j", act: "of-old", people: 1 }), "of-old, for 1 person", "an act of before");
  assert.match(say("trusted_browser.removed", { reason: "used token presented again" }) ?? "", /second time/);
  assert.equal(say("policy.changed", { scope: "everyone" }), "Everyone: no rule any more");
  assert.equal(
    say("policy.changed", { scope: "everyone", group: "everyone", required_from: DAY, endless_keys: 0 }),
    "Group everyone; from Jan 31, 2027; API keys must expire",
  );
  assert.match(say("api_key.created", { name: "k", scopes: "", days: "without end" }) ?? "", /never expires/);
  assert.equal(say("api_key.refused", { reason: "unknown" }), "there is no such key");
  assert.equal(say("events.exported", { format: "jsonl" }), "JSON lines");
  assert.equal(say("user.changed", { what: "name", role: "person" }), "name");
});
