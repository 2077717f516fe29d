// The ways through the pages that several stories share, in the words of the pages.

import assert from "node:assert/strict";
import { TOTP, URI } from "otpauth";
import { generateSync } from "otplib";
import { readQrCode } from "../support/qr.ts";
import type { Hands } from "./hands.ts";

export type Credentials = { name: string; login: string; password: string };

/** An authenticator app: the code that it shows at a time in milliseconds. */
export type Phone = (time: number) => string;

/** The first step of signing in, from wherever the person is asked for it. */
export async function enterPassword({ fill, press }: Hands, { login, password }: Credentials): Promise<void> {
  await fill("Username or email", login);
  await fill("Password", password);
  await press("Sign in");
}

/** The second step. */
export async function enterCode({ fill, press }: Hands, code: string): Promise<void> {
  await fill("Verification code", code);
  await press("Sign in");
}

export async function signOut({ open, press }: Hands, { name }: Credentials): Promise<void> {
  await open(name);
  await press("Sign out");
}

/** From the menu to the picture with the secret; asks for the password on the way. */
export async function openEnrolment({ page, open, follow, fill, press }: Hands, person: Credentials): Promise<void> {
  await open(person.name);
  await follow("My profile");
  await follow("Account security");
  await press("Enable two-factor authentication");
  assert.equal(await heading({ page }), "Confirm that it is you");
  await fill("Password", person.password);
  await press("Confirm password");
  assert.equal(await heading({ page }), "Enable two-factor authentication");
}

/** Proves the phone, which completes the enrolment, and then that the recovery codes were kept. */
export async function confirmEnrolment({ page, fill, follow, press }: Hands, code: string): Promise<void> {
  await fill("Verification code", code);
  await press("Enable two-factor authentication");
  assert.equal(await page.getByText("Your account is protected").isVisible(), true);
  const [kept = ""] = await page.locator(".codes li").allInnerTexts();
  await follow("I have kept them");
  await fill("Recovery code", kept.trim());
  await press("Check the code");
  assert.match(await status({ page }), /in good hands/);
}

/** Points a phone at the screen. It runs an app of another's making. */
export async function scan({ page }: Pick<Hands, "page">): Promise<{ phone: Phone; uri: string }> {
  const uri = readQrCode(await page.screenshot({ fullPage: true }));
  const app = URI.parse(uri);
  assert.ok(app instanceof TOTP);
  return { uri, phone: (timestamp) => app.generate({ timestamp }) };
}

/** Types the secret into a phone, by reading it from the page. It runs an app of yet another's making. */
export async function typeSecret({ page, open }: Hands): Promise<{ phone: Phone; secret: string }> {
  await open("Show the code");
  assert.equal(await page.getByText("Your two-factor secret:").isVisible(), true);
  const groups = page.getByText(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
  assert.equal(await groups.isVisible(), true);
  const secret = (await groups.innerText()).replaceAll(" ", "");
  return { secret, phone: (time) => generateSync({ secret, epoch: Math.floor(time / 1000) }) };
}

export function heading({ page }: Pick<Hands, "page">): Promise<string> {
  return page.getByRole("heading", { level: 1 }).innerText();
}

/** The notice that tells what was just done. */
export function status({ page }: Pick<Hands, "page">): Promise<string> {
  return page.getByRole("status").filter({ hasText: /\w/ }).innerText();
}
