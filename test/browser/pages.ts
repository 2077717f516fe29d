// Every page there is, with the way to it: what the accessibility test checks and the screenshots show.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { Page } from "playwright-core";
import type { PolicyTable } from "../../src/db/schema.ts";
import { codeFor } from "../../src/testing/auth.ts";
import { takeMails } from "../support/outbox.ts";
import { setRules } from "../support/policies.ts";
import { OPERATOR, PASSWORD, type World } from "../support/world.ts";
import { LONG_NAME, type Stage, type Walker } from "./stage.ts";

const CHROMIUM =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

export type Scene = {
  /** Unique; the pictures are named after it. */
  name: string;
  by: Walker;
  heading: string;
  /** HTTP. */
  status?: number;
  open(page: Page, stage: Stage): Promise<void>;
};

const IN_TIME: Partial<PolicyTable> = { requirement: "required", required_from: Date.UTC(2040, 0, 31), skips: 3 };
const WITH_MAIL: Partial<PolicyTable>[] = [{ factors: "authenticator recovery-code mailed-code" }];
const SLOW: Partial<PolicyTable>[] = [{ rescue: "waiting", rescue_wait_hours: 48 }];
const BY_ONESELF: Partial<PolicyTable>[] = [{ self_rescue: 1 }];
const RULES: Partial<PolicyTable>[] = [
  { scope: "everyone", requirement: "encouraged", trust_days: 14 },
  { scope: "role:person", requirement: "required", required_from: Date.UTC(2040, 0, 31), grace_days: 14, skips: 5 },
  { scope: "role:support", requirement: "required", factors: "authenticator recovery-code", session_hours: 8 },
  { scope: "role:administrator", requirement: "required", session_hours: 8, endless_keys: 0 },
];

/** The pages, in an order in which each finds what it needs. */
export const SCENES: readonly Scene[] = [
  { name: "setup", by: "newcomer", heading: "Create the first administrator", open: openSetup },
  {
    name: "setup-error",
    by: "newcomer",
    heading: "Create the first administrator",
    status: 422,
    open: async (page, stage) => {
      await openSetup(page, stage);
      await page.getByLabel("Name", { exact: true }).fill("Ada Lovelace");
      await page.getByLabel("Username").fill("ada");
      await page.getByLabel("Email").fill("ada@example.org");
      await page.getByLabel("Password").fill("password1234");
      await press(page, "Create administrator");
    },
  },
  {
    name: "setup-invalid",
    by: "newcomer",
    heading: "This link cannot be used",
    status: 410,
    open: at("/setup?ticket=no"),
  },

  { name: "sign-in", by: "stranger", heading: "Sign in", open: at("/sign-in") },
  { name: "sign-in-wrong", by: "stranger", heading: "Sign in", status: 422, open: signIn("ada", "not the password") },
  {
    name: "sign-in-slowed",
    by: "stranger",
    heading: "Sign in",
    status: 429,
    open: async (page, { site }) => {
      const nobody = { login: "nobody", password: "not the password" };
      for (let tries = 0; tries < 10; tries++) await site.world.browser().post("/sign-in", nobody);
      await signIn(nobody.login, nobody.password)(page);
    },
  },
  { name: "code", by: "stranger", heading: "Two-factor authentication", open: signIn("alan", PASSWORD) },
  {
    name: "code-lost-phone",
    by: "stranger",
    heading: "Two-factor authentication",
    open: async (page) => {
      await signIn("alan", PASSWORD)(page);
      await page.getByText("Lost your phone?").click();
    },
  },
  {
    name: "code-wrong",
    by: "stranger",
    heading: "Two-factor authentication",
    status: 422,
    open: async (page) => {
      await signIn("alan", PASSWORD)(page);
      await page.getByLabel("Verification code").fill("000000");
      await press(page, "Sign in");
    },
  },
  {
    name: "code-shut",
    by: "stranger",
    heading: "Two-factor authentication",
    status: 429,
    open: async (page) => {
      await signIn("barbara", PASSWORD)(page);
      await page.getByLabel("Verification code").fill("000000");
      await press(page, "Sign in");
    },
  },
  {
    name: "recovery-code",
    by: "stranger",
    heading: "Sign in with a recovery code",
    open: async (page) => {
      await signIn("alan", PASSWORD)(page);
      await page.getByText("Lost your phone?").click();
      await page.getByRole("link", { name: "Sign in with a recovery code" }).click();
    },
  },
  {
    name: "recovery-code-wrong",
    by: "stranger",
    heading: "Sign in with a recovery code",
    status: 422,
    open: async (page) => {
      await signIn("alan", PASSWORD)(page);
      await page.goto("/sign-in/recovery-code");
      await page.getByLabel("Recovery code").fill("0000");
      await press(page, "Sign in");
    },
  },
  {
    name: "code-lost-phone-mail",
    by: "stranger",
    heading: "Two-factor authentication",
    open: underRules(WITH_MAIL, async (page) => {
      await signIn("alan", PASSWORD)(page);
      await page.getByText("Lost your phone?").click();
    }),
  },
  {
    name: "mailed-code",
    by: "stranger",
    heading: "Sign in with a code by email",
    open: underRules(WITH_MAIL, openMailedCode),
  },
  {
    name: "mailed-code-sent",
    by: "stranger",
    heading: "Sign in with a code by email",
    open: underRules(WITH_MAIL, async (page) => {
      await openMailedCode(page);
      await press(page, "Email me a code");
    }),
  },
  {
    name: "mailed-code-early",
    by: "stranger",
    heading: "Sign in with a code by email",
    status: 429,
    open: underRules(WITH_MAIL, async (page) => {
      await openMailedCode(page);
      await press(page, "Email me a code");
      await press(page, "Send a new code");
    }),
  },
  {
    name: "mailed-code-wrong",
    by: "stranger",
    heading: "Sign in with a code by email",
    status: 422,
    open: underRules(WITH_MAIL, async (page) => {
      await openMailedCode(page);
      await press(page, "Email me a code");
      await page.getByLabel("Code from the email").fill("12345");
      await press(page, "Sign in");
    }),
  },
  {
    name: "sign-in-cancelled",
    by: "stranger",
    heading: "Sign in",
    open: async (page) => {
      await signIn("alan", PASSWORD)(page);
      await press(page, "Cancel");
    },
  },
  { name: "code-expired", by: "stranger", heading: "Sign in", open: at("/sign-in/code") },
  {
    name: "invitation",
    by: "stranger",
    heading: "Set your password",
    open: async (page, { invitationTicket }) => void (await page.goto(`/invitation?ticket=${invitationTicket}`)),
  },
  {
    name: "invitation-error",
    by: "stranger",
    heading: "Set your password",
    status: 422,
    open: async (page, { invitationTicket }) => {
      await page.goto(`/invitation?ticket=${invitationTicket}`);
      await page.getByLabel("Password").fill("short");
      await press(page, "Set password");
    },
  },
  {
    name: "invitation-invalid",
    by: "stranger",
    heading: "This link cannot be used",
    status: 410,
    open: at("/invitation?ticket=no"),
  },
  { name: "forgotten-password", by: "stranger", heading: "Forgot your password?", open: at("/forgotten-password") },
  {
    name: "forgotten-password-error",
    by: "stranger",
    heading: "Forgot your password?",
    status: 422,
    open: async (page) => {
      await page.goto("/forgotten-password");
      await page.getByLabel("Username or email").fill(" ");
      await press(page, "Send the link");
    },
  },
  {
    name: "forgotten-password-requested",
    by: "stranger",
    heading: "Look into your mailbox",
    open: async (page) => {
      await page.goto("/forgotten-password");
      await page.getByLabel("Username or email").fill("nobody");
      await press(page, "Send the link");
    },
  },
  {
    name: "password-reset",
    by: "stranger",
    heading: "Set a new password",
    open: async (page, { resetTicket }) => void (await page.goto(`/password-reset?ticket=${resetTicket}`)),
  },
  {
    name: "password-reset-error",
    by: "stranger",
    heading: "Set a new password",
    status: 422,
    open: async (page, { resetTicket }) => {
      await page.goto(`/password-reset?ticket=${resetTicket}`);
      await page.getByLabel("New password").fill("short");
      await press(page, "Set password");
    },
  },
  {
    name: "password-reset-invalid",
    by: "stranger",
    heading: "This link cannot be used",
    status: 410,
    open: at("/password-reset?ticket=no"),
  },

  {
    name: "email-undo",
    by: "stranger",
    heading: "Undo the change of your email address",
    open: async (page, { undoTicket }) => void (await page.goto(`/email-undo?ticket=${undoTicket}`)),
  },
  {
    name: "email-undo-invalid",
    by: "stranger",
    heading: "This link cannot be used",
    status: 410,
    open: at("/email-undo?ticket=no"),
  },

  {
    name: "sign-in-lost",
    by: "lost",
    heading: "Set up two-factor authentication anew",
    open: underRules(BY_ONESELF, async (page) => {
      await signIn("alan", PASSWORD)(page);
      await page.getByText("Lost your phone?").click();
      await page.getByRole("link", { name: "I have lost everything" }).click();
    }),
  },
  {
    name: "sign-in-lost-waiting",
    by: "lost",
    heading: "Set up two-factor authentication anew",
    open: underRules(BY_ONESELF, async (page) => {
      await page.goto("/sign-in/lost");
      await press(page, "Start the wait");
    }),
  },
  { name: "rescue-stop", by: "lost", heading: "Stop the rescue of your account", open: openStop },
  {
    name: "rescue-stopped",
    by: "lost",
    heading: "It is stopped",
    open: async (page, stage) => {
      await openStop(page, stage);
      await press(page, "Stop it");
    },
  },
  {
    name: "rescue-stop-invalid",
    by: "lost",
    heading: "There is nothing to stop",
    status: 410,
    open: at("/rescue-stop?ticket=no"),
  },
  { name: "enrolment-link", by: "lost", heading: "Set up two-factor authentication anew", open: openLink },
  {
    name: "enrolment-link-wrong",
    by: "lost",
    heading: "Set up two-factor authentication anew",
    status: 422,
    open: enterByLink("not the password"),
  },
  {
    name: "enrolment-link-invalid",
    by: "lost",
    heading: "This link cannot be used",
    status: 410,
    open: at("/enrolment-link?ticket=no"),
  },
  { name: "rescue-enrol", by: "lost", heading: "Set up your new phone", open: enterByLink(PASSWORD) },
  {
    name: "rescue-enrolment",
    by: "lost",
    heading: "Set up two-factor authentication anew",
    open: async (page) => {
      await page.goto("/account/security/required");
      await press(page, "Set up an authenticator app");
    },
  },

  { name: "home-unprotected", by: "grace", heading: "Welcome, Grace Hopper", open: at("/") },
  { name: "preferences", by: "grace", heading: "My profile", open: at("/account") },
  {
    name: "preferences-saved",
    by: "grace",
    heading: "My profile",
    open: async (page) => {
      await page.goto("/account");
      await press(page, "Save preferences");
    },
  },
  {
    name: "preferences-error",
    by: "grace",
    heading: "My profile",
    status: 422,
    open: async (page) => {
      await page.goto("/account");
      await page.getByLabel("Current password").fill("not the password");
      await page.getByLabel("New password").fill("four calm rivers bend");
      await press(page, "Change password");
    },
  },
  { name: "security-off", by: "grace", heading: "My profile", open: at("/account/security") },
  { name: "confirm", by: "grace", heading: "Confirm that it is you", status: 403, open: beginEnrolment },
  {
    name: "confirm-error",
    by: "grace",
    heading: "Confirm that it is you",
    status: 422,
    open: async (page) => {
      await beginEnrolment(page);
      await page.getByLabel("Password").fill("not the password");
      await press(page, "Confirm password");
    },
  },
  { name: "enrolment", by: "grace", heading: "Enable two-factor authentication", open: openEnrolment },
  {
    name: "enrolment-secret",
    by: "grace",
    heading: "Enable two-factor authentication",
    open: async (page) => {
      await openEnrolment(page);
      await page.getByText("Show the code", { exact: true }).click();
    },
  },
  {
    name: "enrolment-wrong",
    by: "grace",
    heading: "Enable two-factor authentication",
    status: 422,
    open: async (page) => {
      await openEnrolment(page);
      await page.getByLabel("Verification code").fill("000000");
      await press(page, "Enable two-factor authentication");
    },
  },
  {
    name: "enrolment-clock",
    by: "grace",
    heading: "Enable two-factor authentication",
    status: 422,
    open: async (page, { site: { world } }) => {
      await openEnrolment(page);
      const code = codeFor(await shownSecret(page), world.clock.now() - 180_000);
      await page.getByLabel("Verification code").fill(code);
      await press(page, "Enable two-factor authentication");
    },
  },

  { name: "home-protected", by: "alan", heading: "Welcome, Alan Turing", open: at("/") },
  {
    name: "security-clock-off",
    by: "alan",
    heading: "My profile",
    open: async (page, { site: { world }, people }) => {
      const setDrift = (drift_steps: number) =>
        world.context.db
          .updateTable("authenticators")
          .set({ drift_steps })
          .where("user_id", "=", people.alan.id)
          .execute();
      await setDrift(-3);
      await page.goto("/account/security");
      await setDrift(0);
    },
  },
  { name: "security-on", by: "alan", heading: "My profile", open: at("/account/security") },
  {
    name: "security-several-apps",
    by: "alan",
    heading: "My profile",
    open: async (page, { site: { world }, people: { alan } }) => {
      const { db, now } = world.context;
      const app = await db
        .selectFrom("authenticators")
        .selectAll()
        .where("user_id", "=", alan.id)
        .executeTakeFirstOrThrow();
      const others = [
        { ...app, id: "second", name: LONG_NAME, last_step: 0 },
        { ...app, id: "going", name: "Old phone", last_step: 0, goes_at: now() + 80_000_000, replaced_by: "second" },
      ];
      await db.insertInto("authenticators").values(others).execute();
      await page.goto("/account/security");
      await page.locator("summary").first().click();
      await db.deleteFrom("authenticators").where("id", "in", ["second", "going"]).execute();
    },
  },
  {
    name: "security-trusted",
    by: "alan",
    heading: "My profile",
    open: async (page, { site: { world }, people: { alan } }) => {
      for (const userAgent of [CHROMIUM, ""]) {
        const other = world.browser({ userAgent });
        await other.post("/sign-in", { login: alan.login, password: PASSWORD });
        await other.post("/sign-in/code", { code: world.freshCode(alan), trust: "on" });
      }
      await page.goto("/account/security");
    },
  },
  {
    name: "menu",
    by: "alan",
    heading: "My profile",
    open: async (page) => {
      await page.goto("/account/security");
      await page.getByRole("button", { name: "Alan Turing" }).click();
    },
  },
  { name: "disable", by: "alan", heading: "Disable two-factor authentication", open: at("/account/security/disable") },
  {
    name: "disable-error",
    by: "alan",
    heading: "Disable two-factor authentication",
    status: 422,
    open: async (page) => {
      await page.goto("/account/security/disable");
      await page.getByLabel("Password").fill(PASSWORD);
      await page.getByLabel("Verification code").fill("000000");
      await press(page, "Disable two-factor authentication");
    },
  },
  {
    name: "recovery-codes-new",
    by: "ada",
    heading: "Your recovery codes",
    open: async (page, stage) => {
      await page.goto("/account/security");
      await press(page, "Make new recovery codes");
      await confirm(page, stage);
    },
  },
  {
    name: "recovery-codes-check",
    by: "ada",
    heading: "Check that you kept them",
    open: at("/account/security/recovery-codes/check"),
  },
  { name: "recovered", by: "ada", heading: "You are signed in", open: at("/account/security/recovered?next=%2Fusers") },
  { name: "preferences-protected", by: "alan", heading: "My profile", open: at("/account") },
  { name: "home-warned", by: "margaret", heading: "Welcome, Margaret Hamilton", open: at("/") },
  {
    name: "home-rescue",
    by: "margaret",
    heading: "Welcome, Margaret Hamilton",
    open: underRules(BY_ONESELF, async (page, { site }) => {
      const thief = site.world.browser();
      await thief.post("/sign-in", { login: "margaret", password: PASSWORD });
      await thief.post("/sign-in/lost");
      await page.goto("/");
    }),
  },

  { name: "api-keys-none", by: "ada", heading: "My profile", open: at("/account/api-keys") },
  {
    name: "api-key-made",
    by: "ada",
    heading: "Copy your key now",
    open: async (page, stage) => {
      await page.goto("/account/api-keys");
      await page.getByLabel("Name", { exact: true }).fill("Nightly report");
      await press(page, "Make key");
      await confirm(page, stage);
    },
  },
  { name: "api-keys", by: "ada", heading: "My profile", open: at("/account/api-keys") },
  {
    name: "api-keys-error",
    by: "ada",
    heading: "My profile",
    status: 422,
    open: async (page) => {
      await page.goto("/account/api-keys");
      await page.getByLabel("Name", { exact: true }).fill("Gateway");
      await page.getByLabel("See your profile").uncheck();
      await press(page, "Make key");
    },
  },

  { name: "users", by: "ada", heading: "Users", open: at("/users") },
  { name: "users-last", by: "ada", heading: "Users", open: at("/users?page=2") },
  { name: "users-none", by: "ada", heading: "Users", open: at("/users?search=zzz") },
  { name: "users-long-names", by: "ada", heading: "Users", open: at("/users?search=wolfe") },
  { name: "user-new", by: "ada", heading: "New user", open: at("/users/new") },
  {
    name: "user-new-error",
    by: "ada",
    heading: "New user",
    status: 422,
    open: async (page, stage) => {
      await page.goto("/users/new");
      await page.getByLabel("Name", { exact: true }).fill("Grace Hopper the second");
      await page.getByLabel("Username").fill("grace");
      await page.getByLabel("Email").fill("grace.second@example.org");
      await press(page, "Send invitation");
      await confirm(page, stage);
    },
  },
  { name: "person-self", by: "ada", heading: "Ada Lovelace", open: openPerson("ada") },
  { name: "person-other", by: "ada", heading: "Alan Turing", open: openPerson("alan") },
  { name: "person-unprotected", by: "ada", heading: "Grace Hopper", open: openPerson("grace") },
  { name: "person-invited", by: "ada", heading: "Katherine Johnson", open: openPerson("katherine") },
  { name: "person-disabled", by: "ada", heading: "Edsger Dijkstra", open: openPerson("edsger") },
  { name: "person-locked", by: "ada", heading: "Barbara Liskov", open: openPerson("barbara") },
  { name: "person-long-name", by: "ada", heading: LONG_NAME, open: openPerson("wolfe") },
  {
    name: "person-error",
    by: "ada",
    heading: "Alan Turing",
    status: 422,
    open: async (page, stage) => {
      await openPerson("alan")(page, stage);
      await page.locator("#reason").fill(" ");
      await press(page, "Reset two-factor authentication");
      await confirm(page, stage);
    },
  },
  { name: "groups", by: "ada", heading: "Groups", open: at("/groups") },
  {
    name: "groups-error",
    by: "ada",
    heading: "Groups",
    status: 422,
    open: async (page, stage) => {
      await at("/groups")(page, stage);
      await page.getByLabel("Name", { exact: true }).fill("research");
      await press(page, "Create group");
      await confirm(page, stage);
    },
  },
  { name: "group", by: "ada", heading: "Research", open: openGroup },
  {
    name: "users-of-group",
    by: "ada",
    heading: "Users",
    open: async (page, { group }) => void (await page.goto(`/users?group=${group}`)),
  },
  {
    name: "group-error",
    by: "ada",
    heading: "Research",
    status: 422,
    open: async (page, stage) => {
      await openGroup(page, stage);
      await page.getByLabel("Username or email").fill("nobody");
      await press(page, "Add");
      await confirm(page, stage);
    },
  },
  { name: "person-rescue-waits", by: "ada", heading: "Alan Turing", open: underRules(SLOW, openPerson("alan")) },
  {
    name: "person-link-error",
    by: "ada",
    heading: "Alan Turing",
    status: 422,
    open: async (page, stage) => {
      await openPerson("alan")(page, stage);
      await page.locator("#link_reason").fill(" ");
      await press(page, "Make enrolment link");
      await confirm(page, stage);
    },
  },
  {
    name: "enrolment-link-shown",
    by: "ada",
    heading: "Enrolment link",
    open: async (page, stage) => {
      await openPerson("alan")(page, stage);
      await page.locator("#link_reason").fill("lost phone, came with badge");
      await press(page, "Make enrolment link");
      await confirm(page, stage);
    },
  },
  { name: "rescues-none", by: "ada", heading: "Rescues", open: at("/rescues") },
  {
    name: "person-rescue-asked",
    by: "ada",
    heading: "Barbara Liskov",
    open: underRules([{ rescue: "approval" }], async (page, stage) => {
      await openPerson("barbara")(page, stage);
      await page.locator("#reason").fill("lost phone, called from the office");
      await press(page, "Ask for the reset");
      await confirm(page, stage);
    }),
  },
  { name: "rescues", by: "ada", heading: "Rescues", open: at("/rescues") },

  { name: "jobs-none", by: "ada", heading: "Bulk actions", open: at("/jobs") },
  {
    name: "users-nobody-chosen",
    by: "ada",
    heading: "Users",
    open: async (page, stage) => {
      await page.goto("/users");
      await press(page, "Continue");
      await confirm(page, stage);
    },
  },
  {
    name: "job-prepared",
    by: "ada",
    heading: "Invite to use two-factor authentication",
    open: chooseEverybody("Invite to use two-factor authentication"),
  },
  {
    name: "job-error",
    by: "ada",
    heading: "Reset two-factor authentication",
    status: 422,
    open: async (page, stage) => {
      await chooseEverybody("Reset two-factor authentication")(page, stage);
      await page.getByLabel("Reason").fill(" ");
      await page.getByRole("button", { name: /^Begin for/ }).click();
    },
  },
  {
    name: "job-running",
    by: "ada",
    heading: "Require two-factor authentication",
    open: async (page, stage) => {
      await chooseEverybody("Require two-factor authentication")(page, stage);
      await page.getByLabel("From").selectOption("In 30 days");
      await page.getByRole("button", { name: /^Begin for/ }).click();
      await stage.site.world.auth.jobs.workNext();
      await page.getByRole("link", { name: "Stop updating this page" }).click();
    },
  },
  {
    name: "job-stopped",
    by: "ada",
    heading: "Require two-factor authentication",
    open: async (page) => {
      await page.goto("/jobs");
      await page.getByRole("link", { name: "Require two-factor authentication" }).first().click();
      if (await page.getByRole("button", { name: "Stop" }).isVisible()) await press(page, "Stop");
    },
  },
  {
    name: "job-done",
    by: "ada",
    heading: "Require two-factor authentication",
    open: async (page, stage) => {
      await page.goto("/jobs");
      await page.getByRole("link", { name: "Require two-factor authentication" }).first().click();
      if (await page.getByRole("button", { name: "Go on" }).isVisible()) await press(page, "Go on");
      while (await stage.site.world.auth.jobs.workNext());
      await page.goto(`${page.url()}?show=skipped`);
    },
  },
  { name: "jobs", by: "ada", heading: "Bulk actions", open: at("/jobs") },
  { name: "support-users", by: "joan", heading: "Users", open: at("/users") },
  { name: "support-person", by: "joan", heading: "Barbara Liskov", open: openPerson("barbara") },
  { name: "support-administrator", by: "joan", heading: "Ada Lovelace", open: openPerson("ada") },
  {
    name: "support-events",
    by: "joan",
    heading: "Events of Barbara Liskov",
    open: async (page, { people }) => void (await page.goto(`/users/${people.barbara.id}/events`)),
  },

  { name: "policy-none", by: "ada", heading: "Policy", open: at("/policy") },
  { name: "policy", by: "ada", heading: "Policy", open: underRules(RULES, at("/policy")) },
  {
    name: "policy-rule",
    by: "ada",
    heading: "Rule: Role Support",
    open: underRules(RULES, at("/policy/rule?scope=role%3Asupport")),
  },
  {
    name: "policy-rehearsal",
    by: "ada",
    heading: "Rule: Everyone",
    open: at("/policy/rehearsal?scope=everyone&requirement=required&trust_days=0"),
  },
  {
    name: "policy-loosened",
    by: "ada",
    heading: "Rule: Everyone",
    open: underRules(
      [{ requirement: "required", session_hours: 8 }],
      at("/policy/rehearsal?scope=everyone&requirement=encouraged&self_rescue=yes"),
    ),
  },
  {
    name: "policy-error",
    by: "ada",
    heading: "Rule: Everyone",
    status: 422,
    open: at("/policy/rehearsal?scope=everyone&requirement=required&grace_days=many"),
  },
  {
    name: "factor-owed",
    by: "grace",
    heading: "Set up two-factor authentication",
    open: underRules([{ requirement: "required" }], at("/")),
  },
  {
    name: "factor-asked",
    by: "grace",
    heading: "Set up two-factor authentication",
    open: underRules([IN_TIME], at("/account/security/required?next=%2Faccount")),
  },
  { name: "factor-reminder", by: "grace", heading: "Welcome, Grace Hopper", open: underRules([IN_TIME], at("/")) },
  { name: "factor-reminder-profile", by: "grace", heading: "My profile", open: underRules([IN_TIME], at("/account")) },
  {
    name: "factor-encouraged",
    by: "grace",
    heading: "My profile",
    open: underRules([{ requirement: "encouraged" }], at("/account")),
  },

  { name: "events", by: "ada", heading: "Events", open: at("/events") },
  { name: "events-older", by: "ada", heading: "Events", open: at("/events?before=60") },
  {
    name: "events-of-person",
    by: "ada",
    heading: "Events",
    open: at("/events?person=barbara&kind=sign_in.code_refused"),
  },
  { name: "protection", by: "ada", heading: "Protection", open: at("/protection") },
  { name: "methods", by: "ada", heading: "Ways in", open: at("/methods") },
  { name: "users-state", by: "ada", heading: "Users", open: at("/users?state=one-authenticator") },
  { name: "mails", by: "ada", heading: "Mails", open: at("/mails") },
  { name: "mails-unsent", by: "ada", heading: "Mails", open: at("/mails?state=unsent") },
  { name: "events-none", by: "ada", heading: "Events", open: at("/events?person=nobody-of-this-name") },

  {
    name: "error-403",
    by: "stranger",
    heading: "That did not come from this site",
    status: 403,
    open: async (page, { site }) => {
      await page.goto("about:blank");
      await page.setContent(`<form method="post" action="${site.url}/sign-in"><button>Go</button></form>`);
      await press(page, "Go");
    },
  },
  {
    name: "error-404",
    by: "stranger",
    heading: "There is nothing here",
    status: 404,
    open: at("/nothing/of/this/name"),
  },
  {
    name: "error-405",
    by: "stranger",
    heading: "That does not work here",
    status: 405,
    open: async (page) => {
      await page.goto("/sign-in");
      await page.locator("form").evaluate((form) => form.setAttribute("action", "/healthz"));
      await page.getByLabel("Username or email").fill("ada");
      await page.getByLabel("Password").fill("x");
      await press(page, "Sign in");
    },
  },
  {
    name: "error-500",
    by: "alan",
    heading: "Something went wrong",
    status: 500,
    open: async (page, { site }) => withoutEvents(site.world, () => page.goto("/")),
  },
];

/** Opens a scene for the person who walks there, and gives the page. */
export async function show(scene: Scene, stage: Stage): Promise<Page> {
  const { page } = stage.visitors[scene.by];
  await scene.open(page, stage);
  return page;
}

/** Presses a button and waits for the page that comes of it. */
async function press(page: Page, name: string): Promise<void> {
  await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name, exact: true }).click()]);
}

let turn: Promise<unknown> = Promise.resolve();

/** Opens a page while these rules hold. They hold for all who walk at the same time, so such pages take turns. */
/** Prepares an act for all people on the list. */
function chooseEverybody(act: string): Scene["open"] {
  return async (page, stage) => {
    await page.goto("/users");
    await page.getByLabel("With those chosen").selectOption(act);
    await page.getByLabel(/^All .* people found$/).check();
    await press(page, "Continue");
    await confirm(page, stage);
  };
}

/** Opens a page while these rules hold. */
function underRules(rules: Partial<PolicyTable>[], open: Scene["open"]): Scene["open"] {
  return (page, stage) => {
    const opened = turn.then(async () => {
      await setRules(stage.site.world, ...rules);
      try {
        await open(page, stage);
      } finally {
        await setRules(stage.site.world);
      }
    });
    turn = opened.catch(() => {});
    return opened;
  };
}

/** The two-factor secret that the enrolment page shows. */
async function shownSecret(page: Page): Promise<string> {
  const text = await page.locator("#secret").textContent();
  return (text ?? "").replace(/\s/g, "");
}

function at(path: string): Scene["open"] {
  return async (page) => void (await page.goto(path));
}

async function openSetup(page: Page, { setupTicket }: Stage): Promise<void> {
  await page.goto(`/setup?ticket=${setupTicket}`);
}

function signIn(name: string, password: string) {
  return async (page: Page): Promise<void> => {
    await page.goto("/sign-in");
    await page.getByLabel("Username or email").fill(name);
    await page.getByLabel("Password").fill(password);
    await press(page, "Sign in");
  };
}

async function openMailedCode(page: Page): Promise<void> {
  await signIn("alan", PASSWORD)(page);
  await page.getByText("Lost your phone?").click();
  await page.getByRole("link", { name: "Email me a code instead" }).click();
}

async function beginEnrolment(page: Page): Promise<void> {
  await page.goto("/account/security");
  await press(page, "Enable two-factor authentication");
}

/** Confirms the password at the first time; for ten minutes nobody asks again. */
async function openEnrolment(page: Page): Promise<void> {
  await beginEnrolment(page);
  const password = page.getByLabel("Password");
  if ((await password.count()) === 0) return;
  await password.fill(PASSWORD);
  await press(page, "Confirm password");
}

function openPerson(name: keyof Stage["people"]): Scene["open"] {
  return async (page, { people }) => void (await page.goto(`/users/${people[name].id}`));
}

/** Of the newest rescue that anybody is told of. */
async function openStop(page: Page, { site }: Stage): Promise<void> {
  const mail = (await takeMails(site.world)).findLast(({ kind }) => kind === "rescue_asked");
  stopToken = mail === undefined ? stopToken : String(mail.facts.token);
  await page.goto(`/rescue-stop?ticket=${stopToken}`);
}

let stopToken = "";

async function openLink(page: Page, { site, people }: Stage): Promise<void> {
  const { auth } = site.world;
  const asked = { id: people.barbara.id, act: "show-enrolment-link", reason: "lost phone" } as const;
  const made = await auth.people.act({ client: OPERATOR, authority: auth.operatorAuthority(), ...asked });
  assert.ok(made.ok && made.next === "link-shown");
  await page.goto(`/enrolment-link?ticket=${made.ticket}`);
}

function enterByLink(password: string): Scene["open"] {
  return async (page, stage) => {
    await openLink(page, stage);
    await page.getByLabel("Username or email").fill("barbara");
    await page.getByLabel("Password").fill(password);
    await press(page, "Go on");
  };
}

async function openGroup(page: Page, { group }: Stage): Promise<void> {
  await page.goto(`/groups/${group}`);
}

/** Confirms as an administrator, at the first time. */
async function confirm(page: Page, { site, people }: Stage): Promise<void> {
  const password = page.getByLabel("Password");
  // Whoever walks at the same time moves the clock that all share, and then a code that was typed may be late.
  for (let tries = 0; tries < 3 && (await password.count()) > 0; tries++) {
    await password.fill(PASSWORD);
    await page.getByLabel("Verification code").fill(site.world.freshCode(people.ada));
    await press(page, "Confirm password");
  }
}

/** Does something while the table of events has another name: what a page shows when nobody expected the failure. */
async function withoutEvents({ databaseUrl }: World, act: () => Promise<unknown>): Promise<void> {
  const database = new DatabaseSync(databaseUrl.replace(/^file:/, ""));
  try {
    database.exec("alter table events rename to events_away");
    await act();
  } finally {
    database.exec("alter table events_away rename to events");
    database.close();
  }
}
