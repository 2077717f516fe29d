import { count, duration } from "./words.ts";

export const enrolment = {
  purposes: {
    first: { title: "Enable two-factor authentication", submit: "Enable two-factor authentication" },
    another: { title: "Add another authenticator app", submit: "Add authenticator app" },
    move: { title: "Move to a new phone", submit: "Use the new phone" },
    rescue: { title: "Set up two-factor authentication anew", submit: "Use this app from now on" },
  },
  overlap:
    "Do these steps with the new phone. Your old app keeps working until you have used the new one once, or for a day.",
  getApp: "Get an authenticator app",
  getAppText: "Install Google Authenticator, Authy, Microsoft Authenticator, 1Password or a similar app on your phone.",
  scan: "Scan the QR code",
  scanText: "In the app, add an account and point the camera at this picture.",
  qrLabel: "QR code for your authenticator app. The same code is available as text under Show the code.",
  showCode: "Show the code",
  secret: "Your two-factor secret:",
  account: "Account name",
  issuer: "Issuer",
  openApp: "Open the authenticator app on this device",
  enter: "Enter the verification code",
  code: "Verification code",
  codeHint: "The six digits that the app shows now",
  wrong: "That code is not right. Check that you scanned this QR code and enter the code that the app shows now.",
  clockBehind: (seconds: number) =>
    `The code is right for ${duration(seconds)} ago: your phone's clock is behind. Turn on automatic time.`,
  clockAhead: (seconds: number) =>
    `The code is right for ${duration(seconds)} from now: your phone's clock is ahead. Turn on automatic time.`,
};

export const recovery = {
  heading: "Recovery codes",
  intro:
    "For the day when your phone is lost or broken: each of them opens your account once, together with your password.",
  code: "Recovery code",
  hint: "Sixteen letters and digits, from the sheet that you kept",
  wrong: "That recovery code is not right, or it was already used. Check it, or take the next one on your sheet.",
  link: "Sign in with a recovery code",
  signInTitle: "Sign in with a recovery code",
  signInIntro: "Enter one of the codes that you got when you turned two-factor authentication on. Each works once.",
  useApp: "Use your authenticator app instead",
  newTitle: "Your recovery codes",
  keep: "Keep these codes where your phone is not: on paper, or in a password manager. They are shown this once. Each opens your account one time, together with your password, if you lose your phone.",
  renewed: "These codes are new. The ones that you had before no longer work.",
  sheet: (product: string, login: string) => `Recovery codes of ${login} for ${product}`,
  site: "Site",
  siteAt: (product: string, host: string) => `${product}, ${host}`,
  account: "Account",
  accountOf: (name: string, login: string) => `${name} (${login})`,
  made: "Made",
  print: "Print",
  download: "Download",
  goOn: "I have kept them",
  checkTitle: "Check that you kept them",
  checkIntro: "Type one of your recovery codes, as it stands on your sheet. It is not used up by this.",
  checkSubmit: "Check the code",
  checkLink: "Check a code",
  later: "Later",
  left: (number: number) => `You have ${count(number, "recovery code", "recovery codes")} left.`,
  few: (number: number) =>
    number === 0
      ? "You have no recovery codes left. Without your phone, only an administrator could let you in."
      : `You have only ${count(number, "recovery code", "recovery codes")} left. Make new ones before you need them.`,
  proved: "Checked that you kept them",
  notProved: "Not yet",
  usedTitle: (number: number) => `${count(number, "code", "codes")} used`,
  used: "Used a recovery code",
  renewConsequences: "New codes replace the old ones: your old sheet stops working at once.",
  renew: "Make new recovery codes",
  recoveredTitle: "You are signed in",
  recovered: (left: number) =>
    `You used a recovery code, which does not work again. You have ${count(left, "code", "codes")} left. A notice is on its way to you.`,
  newPhone: "If your phone is lost or new, set up your authenticator app again, so that you do not need the next code.",
  newPhoneAction: "Set up my authenticator app",
  continue: "Continue",
};
