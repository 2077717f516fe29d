import { count } from "./words.ts";

/** Ways back in for somebody who lost phone and recovery codes. */
export const rescue = {
  ways: {
    reset: "Reset two-factor authentication",
    "shown-link": "Enrolment link, handed over",
    "mailed-link": "Enrolment link, by email",
    self: "Wait begun at the sign-in",
  },
  bannerTitle: {
    reset: "Somebody asked to reset your two-factor authentication",
    "shown-link": "Somebody asked for a link to set up your two-factor authentication anew",
    "mailed-link": "Somebody asked for a link to set up your two-factor authentication anew",
    self: "Somebody with your password wants to set up your two-factor authentication anew",
  },
  banner: (asked: string, ready: string | null) =>
    ready === null
      ? `That was on ${asked}. An administrator has to approve it. If you do not want it, stop it.`
      : `That was on ${asked}. It can be done from ${ready}. If you do not want it, stop it.`,
  sentence: (title: string) => `${title}.`,
  stop: "Stop it",
  stopTitle: "Stop the rescue of your account",
  stopAnyway: "It does no harm to stop it: you can ask again at any time.",
  stoppedTitle: "It is stopped",
  stopped: "Your two-factor authentication stays as it is.",
  stoppedSelf:
    "Your two-factor authentication stays as it is. Somebody knows your password: sign in and change it now.",
  stopInvalidTitle: "There is nothing to stop",
  stopInvalid:
    "It was stopped or done already, or there is a newer one, which you were told of by a newer email. If in doubt, sign in or ask an administrator.",

  linkTitle: "Set up two-factor authentication anew",
  linkIntro:
    "You got this link because you lost your phone. Have the new one at hand, with an authenticator app. Then enter your username and password.",
  linkSubmit: "Go on",
  linkInvalidTitle: "This link cannot be used",
  linkInvalid:
    "It was used already, there is a newer one, it is older than a day, or your account was changed since. Ask whoever gave it to you for a new one.",
  enrolTitle: "Set up your new phone",
  enrolWhy: "Set up an authenticator app in the place of what you lost",
  enrolHow: "You need a phone with an authenticator app. It takes about two minutes; you have an hour.",
  enrolOld: "As soon as it is set up, the apps and recovery codes that you had before no longer work.",
  enrolSubmit: "Set up an authenticator app",

  lostAll: "I have lost everything",
  lostTitle: "Set up two-factor authentication anew",
  lostIntro: (hours: number) =>
    `If you have neither your phone nor a recovery code and reach no administrator, you can set up a new phone with your password, after a wait of ${count(hours, "hour", "hours")}. You get an email now, and can stop it all that time.`,
  lostSubmit: "Start the wait",
  lostWaiting: (ready: string) =>
    `The wait has begun, and an email is on its way to you. From ${ready}, sign in with your password and come back to this page.`,
  lostReady: "The wait is over. Have your new phone at hand, with an authenticator app: you have an hour.",
  lostGoOn: "Set up my new phone",
  lostGone: "This is not possible now. Ask an administrator.",

  linkHeading: "Enrolment link",
  linkHelp:
    "For somebody who lost phone and recovery codes. With the link and their password, they set up a new phone: once, within 24 hours. Until then, nothing changes.",
  give: "How they get it",
  gives: { "shown-link": "I hand it over", "mailed-link": "By email" },
  linkReason: "Reason for the link",
  make: "Make enrolment link",
  askReset: "Ask for the reset",
  askLink: "Ask for the enrolment link",
  policy: {
    waiting: (hours: number) =>
      `For this person, it has to wait for ${count(hours, "hour", "hours")}. They are told at once and can stop it all that time.`,
    approval:
      "For this person, an administrator other than you has to approve it. They are told at once and can stop it.",
  },
  shownTitle: "Enrolment link",
  shownIntro: (name: string) =>
    `Give this link to ${name}, and to nobody else. It is shown this once. It works once, within 24 hours, and only with their password. A newer one replaces it.`,
  shown: "Enrolment link:",
  done: "Done",

  openTitle: "A rescue is open",
  open: (way: string, asker: string, asked: string) => `${way}: asked for by ${asker} on ${asked}.`,
  openSelf: (asked: string) =>
    `Somebody entered the right password on ${asked} and says that everything is lost. After the wait, they can set up a new phone.`,
  openReason: (reason: string) => `Reason: ${reason}`,
  openReady: (ready: string) => `The wait is over on ${ready}.`,
  openApproval: "An administrator other than the one who asked has to approve it.",
  approve: "Approve and do it",
  refuse: "Refuse",
  carryOut: "Do it now",
  withdraw: "Take it back",

  listTitle: "Rescues",
  listCaption: "Open requests to let somebody back in",
  listNone: "Nobody waits to be let back in.",
  listEveryone: "Show everyone",
  person: "Person",
  way: "What was asked for",
  askedBy: "Asked by",
  askedByPerson: "The person",
  asked: "Asked",
  state: "State",
  states: { approval: "To be approved", waiting: "Waits", ready: "Ready" },
  problems: {
    rescue_gone: "That request is not open any more: it was stopped, taken back, replaced or done.",
    own_request: "You asked for this yourself. Another administrator has to approve it.",
    asker_gone: "Whoever asked for this may not do so any more. Refuse it, and ask for it anew if it is right.",
    needs_approval: "The rules were changed: this now takes an approval. Ask for it anew.",
    not_yours: "Only an administrator, or whoever asked for it, can take it back.",
    no_email: "This person has no email address. Hand the link over.",
    mail_not_enough: "Their password was set by a mailed link, so another link by email proves nothing. Hand it over.",
  },
};
