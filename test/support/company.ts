// A company's day, from one installation's point of view: everything that people, administrators, programs and the clock
// ask of the database.

import { takeMails } from "./outbox.ts";
import { allowMailedCodes, rule, setRules } from "./policies.ts";
import { administratorOf } from "./staff.ts";
import { enrol, type Member, OPERATOR, PASSWORD, recoveryCodesOn, type World } from "./world.ts";

const HOUR = 3_600_000;
const NEXT = "eleven copper kettles whistle";

/** Lets it happen. */
export async function liveThroughADay(world: World): Promise<void> {
  const root = await world.person("root", { role: "administrator", twoFactor: true });
  const second = await world.person("second", { role: "administrator", twoFactor: true });
  const ada = await world.person("ada");
  const bob = await world.person("bob", { twoFactor: true });
  await world.auth.upkeep.run();
  await signInAndOut(world, ada, bob);
  await keepAccount(world, ada);
  await loseThings(world, bob);
  await administer(world, root, ada);
  await retire(world, root, second);
  for (let hour = 0; hour < 26; hour += 13) {
    world.clock.advance(13 * HOUR);
    await world.auth.upkeep.run();
    await takeMails(world);
  }
}

/** The two steps, rightly and wrongly, with every second factor, and what is asked in between. */
async function signInAndOut(world: World, ada: Member, bob: Member): Promise<void> {
  const browser = world.browser();
  await enrol(world, ada, browser);
  await browser.post("/sign-out");
  for (const login of ["ada", "nobody"]) await world.browser().post("/sign-in", { login, password: "wrong" });
  await browser.post("/sign-in", { login: "ada", password: PASSWORD });
  for (let miss = 0; miss < 3; miss++) await browser.post("/sign-in/code", { code: "000000" });
  await browser.post("/sign-in/cancel");
  await browser.post("/sign-in", { login: "ada", password: PASSWORD });
  await browser.post("/sign-in/code", { code: world.freshCode(ada), trust: "on" });
  await browser.send("/api/v1/session");
  world.clock.advance(2 * 60_000);
  for (const page of ["/", "/account", "/account/security", "/api/v1/session"]) await browser.get(page);
  await browser.post("/sign-out");
  await browser.post("/sign-in", { login: "ada", password: PASSWORD });
  await world.browser().post("/sign-in", { login: "ada", password: PASSWORD });

  await allowMailedCodes(world);
  const other = world.browser();
  await other.post("/sign-in", { login: "bob", password: PASSWORD });
  await other.post("/sign-in/mailed-code/send");
  await other.get("/sign-in/mailed-code");
  const code = (await takeMails(world)).findLast(({ kind }) => kind === "mailed_code")?.facts.code;
  await other.post("/sign-in/mailed-code", { mailed_code: "000000" });
  await other.post("/sign-in/mailed-code", { mailed_code: String(code) });
  await world.signIn(world.browser(), bob);
}

/** What somebody does on the pages of their own account. */
async function keepAccount(world: World, ada: Member): Promise<void> {
  const browser = world.browser();
  await world.signIn(browser, ada);
  const proof = () => ({ current_password: PASSWORD, current_code: world.freshCode(ada) });
  const codes = recoveryCodesOn(await browser.post("/account/security/recovery-codes", proof()));
  await browser.post("/account/security/recovery-codes/kept", { recovery_code: codes[0] ?? "" });
  const other = world.browser();
  await other.post("/sign-in", { login: "ada", password: PASSWORD });
  await other.post("/sign-in/recovery-code", { recovery_code: codes[1] ?? "" });
  const key = { name: "report", days: "7", scope_profile_read: "on", form_number: "A".repeat(16) };
  const made = await browser.post("/account/api-keys", { ...key, ...proof() });
  const [token = ""] = /cs_[a-z2-7]{40}/.exec(made.words) ?? [];
  await world.browser().send("/api/v1/me", { headers: { authorization: `Bearer ${token}` } });
  await browser.get("/account/api-keys");
  await browser.post("/account", { name: "Ada King", language: "en", time_zone: "UTC" });
  await browser.post("/account/email", { email: "king@example.org", ...proof() });
  await browser.post("/account/security/sessions/end-others");
  await browser.post("/account/security/trusted-browsers/end-all", proof());
  await browser.post("/warnings/read");
  await browser.post("/account/password", { ...proof(), new_password: NEXT });
  await browser.post("/sign-out");
  await takeMails(world);
}

/** A forgotten password and a lost phone. */
async function loseThings(world: World, bob: Member): Promise<void> {
  await world.browser().post("/forgotten-password", { login: "bob" });
  const ticket = (await takeMails(world)).findLast(({ kind }) => kind === "password_reset")?.facts.ticket;
  const browser = world.browser();
  await browser.get(`/password-reset?ticket=${ticket}`);
  await browser.post("/password-reset", { ticket: String(ticket), new_password: PASSWORD });
  await setRules(world, { self_rescue: 1, rescue: "waiting" });
  await browser.post("/sign-in", { login: "bob", password: PASSWORD });
  await browser.get("/sign-in/lost");
  await browser.post("/sign-in/lost");
  await world.signIn(world.browser(), bob);
  await setRules(world);
}

/** Somebody stops being an administrator, and then comes in no more. */
async function retire(world: World, root: Member, { id, login }: Member): Promise<void> {
  const { authority } = await administratorOf(world, root);
  const profile = { login, name: "Second", email: `${login}@example.org`, role: "person" } as const;
  await world.auth.people.change({ client: OPERATOR, authority, id, ...profile });
  await world.auth.people.act({ client: OPERATOR, authority, id, act: "disable" });
}

/** Every page of an administrator, and what is done there. */
async function administer(world: World, root: Member, ada: Member): Promise<void> {
  const { auth } = world;
  const { authority, browser } = await administratorOf(world, root);
  const group = await auth.groups.create(OPERATOR, authority, "Sales");
  const id = "id" in group ? group.id : "";
  await auth.groups.addMember(OPERATOR, authority, { id, person: { name: "bob" } });
  const invited = await auth.people.invite({
    client: OPERATOR,
    authority,
    login: "cleo",
    name: "Cleo",
    email: "cleo@example.org",
    role: "person",
  });
  if (invited.ok) await world.browser().post("/invitation", { ticket: invited.ticket, new_password: PASSWORD });
  const required = { requirement: "required", grace_days: 7, trust_days: 3, endless_keys: 0 } as const;
  await auth.policy.rehearse({ reader: authority, rule: rule(required) });
  await auth.policy.save({ client: OPERATOR, authority, rule: rule(required) });
  await auth.policy.save({
    client: OPERATOR,
    authority,
    rule: rule({ scope: `group:${id}`, requirement: "required", skips: 2 }),
  });
  await auth.policy.rehearse({ reader: authority, rule: rule({ scope: "role:person", requirement: "required" }) });
  await world.signIn(world.browser(), { id: "", login: "cleo", secret: undefined });
  for (const act of ["sign-out", "unlock", "reset-two-factor"] as const)
    await auth.people.act({ client: OPERATOR, authority, id: ada.id, act, reason: "lost" });
  const job = await auth.jobs.prepare(OPERATOR, authority, {
    act: "sign-out",
    selection: { filter: { search: "example", state: "two-factor", group: id } },
  });
  if (job.ok) {
    await auth.jobs.begin(OPERATOR, authority, { id: job.id });
    while (await auth.jobs.workNext());
    await browser.get(`/jobs/${job.id}?state=done`);
  }
  const states = ["two-factor", "no-second-factor", "one-authenticator", "no-recovery-codes", "clock-off", "not-seen"];
  for (const page of [
    ...states.map((state) => `/users?state=${state}`),
    ...[
      "/users",
      "/users?search=bob",
      "/users?search=bo",
      `/users?group=${id}`,
      `/users/${ada.id}`,
      `/users/${ada.id}/events`,
    ],
    ...[
      "/groups",
      `/groups/${id}`,
      "/jobs",
      "/mails",
      "/mails?state=unsent",
      "/methods",
      "/protection",
      "/policy",
      "/rescues",
    ],
    ...[
      "/events",
      "/events?kind=sign_in.succeeded",
      "/events?kind=user.invited",
      "/events?person=ada",
      "/events?before=5",
    ],
    ...["/users?search=ada&state=no-second-factor", "/events?person=ada&kind=sign_in.abandoned"],
  ]) {
    await browser.get(page);
  }
}
