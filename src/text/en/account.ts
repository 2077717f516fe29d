import { count, number } from "./words.ts";

export const account = {
  title: "My profile",
  tabs: "Parts of your profile",
  preferences: "Preferences",
  security: "Account security",
  about: "About you",
  aboutIntro: "How others see you, and how times are shown to you.",
  name: "Name",
  login: "Username",
  languageLabel: "Language",
  timeZone: "Time zone",
  savePreferences: "Save preferences",
  email: "Email",
  emailHeading: "Email address",
  emailIntro: "You can sign in with it, and notices about your account go there.",
  changeEmail: "Change email address",
  passwordHeading: "Password",
  passwordIntro: "Changing it signs you out everywhere else.",
  currentPassword: "Current password",
  newPassword: "New password",
  newPasswordHint: (length: number) => `At least ${length} characters. A few random words work well.`,
  changePassword: "Change password",
};

export const security = {
  heading: "Two-factor authentication",
  intro:
    "Besides your password, signing in then asks for a code from an app on your phone, so a stolen password alone opens nothing.",
  off: "Two-factor authentication is off",
  enable: "Enable two-factor authentication",
  on: "Your account is protected",
  onSentence: "Signing in takes your password and a code from your authenticator app.",
  added: "Added",
  lastUsed: "Last used",
  disable: "Disable two-factor authentication",
};

export const authenticators = {
  nameOf: (nth: number) => (nth === 1 ? "Authenticator app" : `Authenticator app ${number(nth)}`),
  change: (name: string) => `Change ${name}`,
  name: "Name",
  rename: "Rename",
  moveIntro:
    "With a new phone, set up its app in place of this one. Both work until you have used the new one once, or for a day.",
  move: "Move to a new phone",
  removeIntro: "Its codes stop working, and you are signed out everywhere else.",
  remove: "Remove",
  add: "Add another authenticator app",
  addIntro: "A second phone or tablet keeps you from being locked out when one is lost.",
  behind: (seconds: number) =>
    `This phone's clock is about ${count(seconds, "second", "seconds")} behind. Turn on automatic time in its settings.`,
  ahead: (seconds: number) =>
    `This phone's clock is about ${count(seconds, "second", "seconds")} ahead. Turn on automatic time in its settings.`,
  goes: (when: string) => `Another app replaces it. It works until that one was used once, at most until ${when}.`,
};

export const trustedBrowsers = {
  heading: "Trusted browsers",
  intro: "Signing in there takes your password alone, without a code.",
  added: "Added",
  lastUsed: "Last used",
  until: "Until",
  end: "Stop trusting",
  endOf: (device: string) => `Stop trusting ${device}`,
  endAll: "Stop trusting all of them",
  offer: "Do not ask again in this browser",
  offerHint: (days: number) => `For ${count(days, "day", "days")}. Only on a device that nobody else uses.`,
};

export const ownSessions = {
  heading: "Where you are signed in",
  intro: "If you do not recognise one of these, sign it out and change your password.",
  current: "This browser",
  started: "Signed in",
  lastSeen: "Last seen",
  address: "Address",
  end: "Sign out",
  endOf: (device: string) => `Sign out ${device}`,
  endOthers: "Sign out everywhere else",
};

export const disable = {
  title: "Disable two-factor authentication",
  consequences:
    "Your password alone will open your account. Your app's codes stop working, and anyone signed in as you elsewhere is signed out.",
  submit: "Disable two-factor authentication",
};
