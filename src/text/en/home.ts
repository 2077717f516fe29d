import type { Method } from "../../auth.ts";
import { isOne, number } from "./words.ts";

export const home = {
  title: "Home",
  greeting: (name: string) => `Welcome, ${name}`,
  protection: "Protection",
  protectedTitle: "Your account is well protected",
  protected: "Signing in takes your password and a code from your authenticator app.",
  unprotectedTitle: "Your account is protected by a password alone",
  unprotected: "Anyone who learns your password can sign in as you. A code from your phone stops them.",
  unprotectedAction: "Set up two-factor authentication",
  signIns: "Last sign-ins",
  signInsIntro: "If you do not recognise one of these, change your password.",
  signedIn: {
    password: "Signed in with your password",
    "password+code": "Signed in with your password and a code",
    "password+trusted-browser": "Signed in with your password in a trusted browser",
    "password+recovery-code": "Signed in with your password and a recovery code",
    "password+mailed-code": "Signed in with your password and a code by email",
    enrolment: "Signed in with your password and a code",
    "enrolment-link": "Set up two-factor authentication anew, by a link from an administrator",
    "self-rescue": "Set up two-factor authentication anew, after the waiting period",
  } satisfies Record<Method, string>,
  from: (device: string, address: string) => `${device}, from ${address}`,
  warningTitle: "Somebody had your password",
  warning: (when: string, device: string, address: string) =>
    `On ${when}, somebody entered your password, but no right code (${device}, from ${address}). If this was not you, change your password now.`,
  warningPassword: "Change my password",
  warningKnown: "This was me",
};

export const required = {
  title: "Set up two-factor authentication",
  why: "Protect your account with a code from your phone",
  how: "Signing in then takes your password and a code that an app on your phone shows. You need a phone with an authenticator app; setting it up takes about two minutes.",
  now: "You can go on as soon as it is set up.",
  setUp: "Set up two-factor authentication",
  later: "Not now",
  encouraged: "Protect your account with two-factor authentication. A stolen password is then not enough to get in.",
  until: (date: string | undefined, signInsLeft: number | null) => {
    const needed =
      date === undefined
        ? "Your account needs two-factor authentication."
        : `From ${date}, your account needs two-factor authentication.`;
    return signInsLeft === null ? needed : `${needed} ${withoutIt(signInsLeft)}`;
  },
};

function withoutIt(signInsLeft: number): string {
  if (signInsLeft === 0) return "No sign-in without it is left.";
  return isOne(signInsLeft)
    ? "One sign-in without it is left."
    : `${number(signInsLeft)} sign-ins without it are left.`;
}
