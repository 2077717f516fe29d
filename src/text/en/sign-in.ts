import { duration } from "./words.ts";

export const signIn = {
  title: "Sign in",
  name: "Username or email",
  password: "Password",
  submit: "Sign in",
  wrong: "That username and password do not match. Check both and try again.",
  incomplete: "Enter your username or email and your password.",
  forgotten: "Forgot your password or cannot get in?",
  forgottenAnswer: (product: string) =>
    `Ask an administrator of ${product} at your company. They can help you back in.`,
};

export const code = {
  title: "Two-factor authentication",
  intro: "Open your authenticator app and enter the code it shows for this account.",
  code: "Verification code",
  hint: "Six digits, new every 30 seconds",
  submit: "Sign in",
  refused: (time: string) =>
    `That code is not right, or it was already used. Wait for the next one. If that is refused too, compare your phone's clock with ours: it is ${time}.`,
  wrong: (time: string) =>
    `That code is not right. Wait for the next one and check that you read it from the right account. Our clock shows ${time}.`,
  used: "That code was already used. Wait for the next one.",
  behind: (seconds: number) =>
    `That code was right ${duration(seconds)} ago. Enter the one that your phone shows now. If it is that one, your phone's clock is behind: turn on automatic time.`,
  shut: "Codes are blocked in this browser after too many wrong ones. Ask an administrator to unlock your account.",
  lost: "Lost your phone?",
  lostAnswer: (product: string) =>
    `Without recovery codes, ask an administrator of ${product} at your company. They can reset two-factor authentication, and you set it up again after signing in with your password.`,
};

export const mailedCode = {
  link: "Email me a code instead",
  title: "Sign in with a code by email",
  intro: (address: string) => `We send a six-digit code to ${address}. Enter it here, in this browser.`,
  send: "Email me a code",
  sent: (address: string) =>
    `A code is on its way to ${address}. It works once, for ten minutes at most. If it does not arrive, look in your junk mail.`,
  code: "Code from the email",
  hint: "Six digits",
  wrong: "That code is not right, or it works no longer. Enter the one from the newest email.",
  wait: (seconds: number) => `Another code can be sent in ${duration(seconds)}.`,
  again: "Send a new code",
};

export const confirm = {
  codeHint: "Six digits, new every 30 seconds, or a recovery code",
  title: "Confirm that it is you",
  intro: "This is a sensitive step, so enter your password again. You will not be asked again for ten minutes.",
  introCode:
    "This is a sensitive step, so enter your password and a code again. You will not be asked again for ten minutes.",
  password: "Password",
  code: "Verification code",
  submit: "Confirm password",
  wrongPassword: "That password is not right.",
  missingPassword: "Enter your password.",
};

export const passwordReset = {
  link: "Set a new password by email",
  requestTitle: "Forgot your password?",
  requestIntro:
    "Enter your username or email. If there is an account, a link to set a new password goes to its email address.",
  requestSubmit: "Send the link",
  requestMissing: "Enter your username or email.",
  requestedTitle: "Look into your mailbox",
  requested:
    "If there is an account under that name, a link is on its way to its email address. It works for an hour, and a newer one replaces it.",
  noMail: (product: string) =>
    `No mail after a few minutes? Ask an administrator of ${product} at your company. They can help you back in.`,
  title: "Set a new password",
  intro: (login: string) =>
    `You set a new password for ${login}. This signs you out everywhere, and two-factor authentication stays as it is.`,
  password: "New password",
  submit: "Set password",
  invalidTitle: "This link cannot be used",
  invalid: "It was used already, there is a newer one, or it is older than an hour. Ask for a new link.",
};

export const emailUndo = {
  title: "Undo the change of your email address",
  intro: (login: string, email: string) => `This makes ${email} the email address of the account ${login} again.`,
  consequences:
    "Everybody who uses the account is signed out, and its API keys stop working. Then you set a new password, so that nobody who knows the old one comes back.",
  submit: "Restore my address",
  invalidTitle: "This link cannot be used",
  invalid:
    "It was used already, there is a newer one, or it is older than three days. If your account is in the wrong hands, ask an administrator for help.",
};
