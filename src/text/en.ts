// Every sentence that a person reads, in English. The code never glues sentences together: what varies is a parameter,
// plurals and durations come from Intl.

import type { Role } from "../auth.ts";

const plural = new Intl.PluralRules("en");
const numbers = new Intl.NumberFormat("en");

function count(number: number, one: string, other: string): string {
  return `${numbers.format(number)} ${plural.select(number) === "one" ? one : other}`;
}

/** A wait in words that a person would use. */
function duration(seconds: number): string {
  if (seconds < 90) return count(Math.max(1, Math.round(seconds)), "second", "seconds");
  if (seconds < 5400) return count(Math.round(seconds / 60), "minute", "minutes");
  return count(Math.round(seconds / 3600), "hour", "hours");
}

export const en = {
  language: "en",
  languageName: "English",

  common: {
    error: "Error",
    skip: "Skip to the content",
    menu: "Your menu",
    navigation: "Administration",
    myProfile: "My profile",
    signOut: "Sign out",
    users: "Users",
    policy: "Policy",
    groups: "Groups",
    events: "Events",
    protection: "Protection",
    rescues: "Rescues",
    cancel: "Cancel",
    save: "Save",
    back: "Back",
    copy: "Copy",
    copied: "Copied",
    problems: "There is a problem",
    never: "Never",
    none: "None",
    unknownDevice: "Unknown device",
    commandLine: "Command line",
  },

  wait: (seconds: number) => `Too many tries. Try again in ${duration(seconds)}.`,
  busy: "The server is busy right now. Try again in a few seconds.",

  signIn: {
    title: "Sign in",
    name: "Username or email",
    password: "Password",
    submit: "Sign in",
    wrong: "That username and password do not match. Check both and try again.",
    incomplete: "Enter your username or email and your password.",
    forgotten: "Forgot your password or cannot get in?",
    forgottenAnswer: (product: string) =>
      `Ask an administrator of ${product} at your company. They can help you back in.`,
  },

  code: {
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
  },

  expired: {
    signIn: "This sign-in took too long or was already used. Sign in again.",
    session: "You were signed out because nothing happened for a while. Sign in to go on.",
    ended: "You were signed out after too many wrong tries. Sign in again.",
  },

  home: {
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
    } as Record<string, string>,
    from: (device: string, address: string) => `${device}, from ${address}`,
    warningTitle: "Somebody had your password",
    warning: (when: string, device: string, address: string) =>
      `On ${when}, somebody entered your password, but no right code (${device}, from ${address}). If this was not you, change your password now.`,
    warningPassword: "Change my password",
    warningKnown: "This was me",
  },

  account: {
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
    timeZoneHint: "A city such as Europe/Vienna",
    savePreferences: "Save preferences",
    email: "Email",
    emailHeading: "Email address",
    emailIntro: "You can sign in with it, and notices about your account go there.",
    changeEmail: "Change email address",
    passwordHeading: "Password",
    passwordIntro: "Changing it logs you out everywhere else.",
    currentPassword: "Current password",
    newPassword: "New password",
    newPasswordHint: (length: number) => `At least ${length} characters. A few random words work well.`,
    changePassword: "Change password",
  },

  security: {
    heading: "Two-factor authentication",
    intro:
      "Besides your password, signing in then asks for a code from an app on your phone, so a stolen password alone opens nothing.",
    off: "Two-factor authentication is off",
    enable: "Enable two-factor authentication",
    on: "Your account is protected",
    onSentence: "Signing in takes your password and a code from your authenticator app.",
    onSince: (date: string) => `Protected since ${date}.`,
    added: "Added",
    lastUsed: "Last used",
    disable: "Disable two-factor authentication",
  },

  authenticators: {
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
  },

  trustedBrowsers: {
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
  },

  ownSessions: {
    heading: "Where you are signed in",
    intro: "If you do not recognise one of these, log it out and change your password.",
    current: "This browser",
    started: "Signed in",
    lastSeen: "Last seen",
    address: "Address",
    end: "Sign out",
    endOf: (device: string) => `Sign out ${device}`,
    endOthers: "Sign out everywhere else",
  },

  policy: {
    title: "Policy",
    intro:
      "A rule is for everyone, for a role or for a group. Where several rules are for the same person, the strictest counts, line by line.",
    none: "There are no rules. Two-factor authentication is optional for everyone.",
    whom: "For",
    factor: "Two-factor",
    besides: "Also",
    newFor: "New rule for",
    newRule: "New rule",
    ruleTitle: (scope: string) => `Rule: ${scope}`,
    scopes: {
      everyone: "Everyone",
      "role:person": "Role Person",
      "role:support": "Role Support",
      "role:administrator": "Role Administrator",
    } as Record<string, string>,
    group: (name: string) => `Group ${name}`,
    nothing: "Not set",
    requirements: { optional: "Optional", encouraged: "Encouraged", required: "Required" },
    requirementIntro:
      "If it is required, you can leave people time: until a day, for some days after their first sign-in, or for some sign-ins. Whichever ends first counts. Without any of them it is required at once. When the time is over, people can do nothing else before they have set up an app.",
    factorsHeading: "Codes",
    factorsIntro:
      "A code by email protects less than one from an app, so it is accepted only where a rule allows it. People are not asked for a code in a browser that they trust. Support and administrators can trust a browser only where a rule for their role allows it.",
    accessHeading: "Sessions and keys",
    accessIntro:
      "New hours hold from the next sign-in. An API key that never expires stops working where it is no longer allowed.",
    fields: {
      requirement: "Two-factor authentication",
      required_from: "Required from",
      grace_days: "Days from the first sign-in",
      skips: "Sign-ins without it",
      factors: "What is accepted besides the password",
      trust_days: "Days that a browser is trusted",
      session_hours: "Hours until a new sign-in",
      endless_keys: "API keys that never expire",
      rescue: "Resets and enrolment links",
      rescue_wait_hours: "Hours to wait",
      self_rescue: "Rescuing oneself",
    },
    hints: {
      required_from: "The day begins at midnight in your time zone",
      grace_days: "Counted for each person",
      skips: "At the next one, an app must be set up",
      trust_days: "With 0, every sign-in takes a code",
      session_hours: "At most 24",
      rescue_wait_hours: "24, unless rules say otherwise; the longest holds",
    },
    rescueHeading: "Lost phones",
    rescueIntro:
      "What has to happen before somebody who lost everything gets back in. Who rescues themselves needs only their password and the wait: turn it on with care. Support and administrators cannot.",
    rescues: {
      "at-once": "At once",
      waiting: "After a wait that the person can stop",
      approval: "After a second administrator approved",
    },
    rescuing: {
      "at-once": "rescues at once",
      waiting: "rescues after a wait",
      approval: "rescues after a second administrator approved",
    },
    rescueWait: (hours: number) => `${count(hours, "hour", "hours")} to wait for a rescue`,
    selfRescueAllowed: "people may rescue themselves",
    selfRescueNotAllowed: "people may not rescue themselves",
    factorNames: {
      authenticator: "authenticator app",
      "recovery-code": "recovery code",
      "mailed-code": "code by email",
    },
    allowed: "Allowed",
    notAllowed: "Not allowed",
    rehearse: "See what it would do",
    rehearseAgain: "See again what it would do",
    remove: "Remove the rule",
    save: "Save the rule",
    rehearsalTitle: "What this would do",
    people: (count: number) =>
      count === 0
        ? "This rule is for nobody now."
        : `This rule is for ${count === 1 ? "one person" : `${count} people`}.`,
    nobodyTouched: "Nothing changes for anybody now.",
    sessions: (count: number) =>
      `${count === 1 ? "One session that is open" : `${count} sessions that are open`} would reach nothing but setting up an app.`,
    touched: {
      asked: (count: number) => `Asked to set up two-factor authentication: ${count}`,
      stopped: (count: number) => `Of those, at once, before anything else: ${count}`,
      withoutEmail: (count: number) => `Of those, without an email address for a reminder: ${count}`,
      services: (count: number) =>
        `Of those, with an API key but never signed in, so perhaps a service; the keys go on working: ${count}`,
      untrusted: (count: number) => `With a trusted browser that is asked for a code again: ${count}`,
      endlessKeys: (count: number) => `With an API key that never expires, which stops: ${count}`,
    },
    from: (day: string) => `from ${day}`,
    within: (days: number) => (days === 1 ? "one day after the first sign-in" : `${days} days after the first sign-in`),
    skipping: (count: number) => (count === 1 ? "after one sign-in" : `after ${count} sign-ins`),
    atOnce: "at once",
    or: " or ",
    more: (count: number) => `and ${count} more`,
    trust: (days: number) =>
      days === 0
        ? "no trusted browsers"
        : days === 1
          ? "browsers trusted for a day"
          : `browsers trusted for ${days} days`,
    hours: (hours: number) => (hours === 1 ? "a new sign-in after an hour" : `a new sign-in after ${hours} hours`),
    endlessAllowed: "API keys may never expire",
    endlessNotAllowed: "API keys must expire",
    problems: {
      scope_unknown: "This group is no longer there.",
      requirement_invalid: "Choose what the rule says about two-factor authentication.",
      required_from_invalid: "Enter a day, such as 2027-01-31.",
      grace_days_invalid: "Enter a whole number of days, from 0 to 365.",
      skips_invalid: "Enter a whole number of sign-ins, from 0 to 100.",
      factors_invalid: "Choose what is accepted besides the password.",
      trust_days_invalid: "Enter a whole number of days, from 0 to 30.",
      session_hours_invalid: "Enter a whole number of hours, from 1 to 24.",
      rescue_invalid: "Choose what has to happen before somebody is let back in.",
      rescue_wait_hours_invalid: "Enter a whole number of hours, from 1 to 720.",
    },
  },

  required: {
    title: "Set up two-factor authentication",
    why: "Protect your account with a code from your phone",
    how: "Signing in then takes your password and a code that an app on your phone shows. You need a phone with an authenticator app; setting it up takes about two minutes.",
    now: "You can go on as soon as it is set up.",
    setUp: "Set up two-factor authentication",
    later: "Not now",
    encouraged: "Protect your account with two-factor authentication. A stolen password is then not enough to get in.",
    until: (date: string | undefined, signInsLeft: number | null) => {
      const sentence = date === undefined ? "Your account needs" : `From ${date}, your account needs`;
      if (signInsLeft === null) return `${sentence} two-factor authentication.`;
      const left = signInsLeft === 0 ? "No sign-in" : signInsLeft === 1 ? "One sign-in" : `${signInsLeft} sign-ins`;
      return `${sentence} two-factor authentication. ${left} without it ${signInsLeft > 1 ? "are" : "is"} left.`;
    },
  },

  enrolment: {
    purposes: {
      first: { title: "Enable two-factor authentication", submit: "Enable two-factor authentication" },
      another: { title: "Add another authenticator app", submit: "Add authenticator app" },
      move: { title: "Move to a new phone", submit: "Use the new phone" },
      rescue: { title: "Set up two-factor authentication anew", submit: "Use this app from now on" },
    },
    overlap:
      "Do these steps with the new phone. Your old app keeps working until you have used the new one once, or for a day.",
    getApp: "Get an authenticator app",
    getAppText:
      "Install Google Authenticator, Authy, Microsoft Authenticator, 1Password or a similar app on your phone.",
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
    expired: "Setting up took too long, so that secret is no longer valid. Start again.",
  },

  recovery: {
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
    account: "Account",
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
    proved: "Proved that you kept them",
    notProved: "Not yet",
    usedTitle: (number: number) => `${count(number, "code", "codes")} used`,
    used: "Used a recovery code",
    renewConsequences: "New codes replace the old ones: your old sheet stops working at once.",
    renew: "Make new recovery codes",
    recoveredTitle: "You are signed in",
    recovered: (left: number) =>
      `You used a recovery code, which does not work again. You have ${count(left, "code", "codes")} left. A notice is on its way to you.`,
    newPhone:
      "If your phone is lost or new, set up your authenticator app again, so that you do not need the next code.",
    newPhoneAction: "Set up my authenticator app",
    continue: "Continue",
  },

  mailedCode: {
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
  },

  /** Ways back in for somebody who lost phone and recovery codes. */
  rescue: {
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
      mail_not_enough:
        "Their password was set by a mailed link, so another link by email proves nothing. Hand it over.",
    } as Record<string, string>,
  },

  disable: {
    title: "Disable two-factor authentication",
    consequences:
      "Your password alone will open your account. Your app's codes stop working, and anyone signed in as you elsewhere is signed out.",
    submit: "Disable two-factor authentication",
  },

  apiKeys: {
    title: "API keys",
    heading: "Your API keys",
    intro: "For programs that act for you. A key works without your password and code, so give each program its own.",
    none: "You have no API keys.",
    scopes: "May",
    expires: "Expires",
    made: "Made",
    lastUsed: "Last used",
    lastUsedFrom: (address: string) => `from ${address}`,
    revoke: "Revoke",
    revokeNamed: (name: string) => `Revoke the key ${name}`,
    newHeading: "New key",
    newIntro: "You see the key once, right after making it.",
    name: "Name",
    nameHint: "What it is for, such as “nightly report”",
    mayHeading: "What the key may do",
    scope: {
      "profile:read": "See your profile",
      introspect: "Check other people's keys",
    },
    scopeHint: {
      "profile:read": "Name, username, email address and role",
      introspect: "For a service that takes keys. Works as long as you are an administrator.",
    },
    expiry: "Expires after",
    days: { 1: "1 day", 7: "1 week", 30: "1 month", 90: "3 months", 180: "6 months", 365: "1 year" },
    submit: "Make key",
    onceTitle: "Copy your key now",
    once: "It is not stored and cannot be shown again. Whoever has it can use it, so keep it like a password.",
    keyShort: "Key",
    key: "Your API key:",
    back: "Done",
    name_invalid: (length: number) => `Enter a name of at most ${length} characters.`,
    scopes_invalid: "Choose at least one thing that the key may do.",
    expiry_invalid: "Choose when the key expires.",
    too_many_keys: "You have as many keys as one person can have. Revoke one that you no longer need.",
  },

  confirm: {
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
  },

  setup: {
    title: "Create the first administrator",
    intro: "This account can add people and help those who lost their phone.",
    submit: "Create administrator",
    invalidTitle: "This link cannot be used",
    invalid:
      "It was used already, or it is older than an hour. Start the server again: it prints a new link as long as there is no administrator.",
  },

  invitation: {
    title: "Set your password",
    intro: (name: string, login: string) =>
      `Welcome, ${name}. Your username is ${login}. Choose the password that you will sign in with.`,
    submit: "Set password",
    invalidTitle: "This link cannot be used",
    invalid: "It was used already, or it is older than a day. Ask an administrator to send you a new invitation.",
  },

  passwordReset: {
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
      `You set a new password for ${login}. This logs you out everywhere, and two-factor authentication stays as it is.`,
    password: "New password",
    submit: "Set password",
    invalidTitle: "This link cannot be used",
    invalid: "It was used already, there is a newer one, or it is older than an hour. Ask for a new link.",
  },

  emailUndo: {
    title: "Undo the change of your email address",
    intro: (login: string, email: string) => `This makes ${email} the email address of the account ${login} again.`,
    consequences:
      "Everybody who uses the account is signed out, and its API keys stop working. Then you set a new password, so that nobody who knows the old one comes back.",
    submit: "Restore my address",
    invalidTitle: "This link cannot be used",
    invalid:
      "It was used already, there is a newer one, or it is older than three days. If your account is in the wrong hands, ask an administrator for help.",
  },

  password: {
    meter: "So far",
    says: {
      short: "Too short",
      personal: "Mostly your name or this site's",
      few: "The same few characters",
      good: "Long enough",
    },
    password_too_short: (length: number) => `A password needs at least ${length} characters.`,
    password_too_long: "That password is too long; 256 characters are the most.",
    password_too_common: "That password is on the list of common and leaked passwords. Choose another one.",
    password_personal: "That password is made of your name or the name of this site. Choose another one.",
    password_repeats: "That password repeats the same characters over and over. Use a few unrelated words.",
    password_sequence: "That password follows a sequence such as abc or 123. Use a few unrelated words.",
    password_keys: "That password is made of keys that lie beside each other. Use a few unrelated words.",
    password_easy: "That password is easy to guess. Add a few unrelated words.",
  },

  profile: {
    name_invalid: "Enter a name of at most 120 characters.",
    login_invalid: "A username has at most 120 characters and no spaces.",
    login_taken: "Somebody already has this username.",
    email_invalid: "That does not look like an email address.",
    email_taken: "Somebody has this email address, or had it until a few days ago.",
    role_invalid: "Choose a role.",
    language_invalid: "Choose a language.",
    time_zone_invalid: "That is not a known time zone. Use a name such as Europe/Vienna.",
  } as Record<string, string>,

  roles: { person: "Person", support: "Support", administrator: "Administrator" } satisfies Record<Role, string>,

  users: {
    title: "Users",
    caption: "People and their two-factor authentication",
    newUser: "New user",
    search: "Search by name, username or email",
    filter: "Show",
    all: "Everyone",
    states: {
      "two-factor": "Two-factor authentication on",
      "no-second-factor": "Two-factor authentication off",
      "one-authenticator": "One authenticator app only",
      "no-recovery-codes": "No recovery codes left",
      "clock-off": "Phone with a wrong clock",
      "not-seen": "Not seen for 90 days",
    },
    on: "On",
    off: "Off",
    apply: "Search",
    name: "Name",
    login: "Username",
    role: "Role",
    twoFactor: "Two-factor authentication",
    lastSignIn: "Last sign-in",
    disabled: "Disabled",
    invited: "Invited",
    pager: "Pages of people",
    range: (first: number, last: number, total: number) =>
      `${numbers.format(first)}–${numbers.format(last)} of ${count(total, "person", "people")}`,
    previous: "Previous",
    next: "Next",
    nobody: "Nobody matches this search.",
    showAll: "Show everyone",
  },

  groups: {
    title: "Groups",
    one: "Group",
    none: "There are no groups yet.",
    caption: "Groups and how many people are in them",
    name: "Name",
    members: "People",
    count: (number: number) => numbers.format(number),
    newHeading: "New group",
    newIntro: "A group can have rules of its own, and you can list the people who are in it.",
    create: "Create group",
    membersIntro: "What is set for this group holds for them at once.",
    nobody: "Nobody is in this group yet.",
    person: "Username or email",
    add: "Add",
    addTo: "Add to",
    removeMember: "Remove",
    takeOut: (name: string) => `Remove ${name}`,
    takeOutOf: (name: string) => `Remove from ${name}`,
    personIntro: "What is set for a group holds for this person at once.",
    rename: "Rename group",
    save: "Save name",
    remove: "Remove group",
    removeIntro: "The people stay. If a rule is for this group, remove the rule first.",
    refusals: {
      name_invalid: "Enter a name of at most 60 characters.",
      name_taken: "There is a group of this name already.",
      too_many_groups: "There are as many groups as there can be. Remove one first.",
      group_has_rule:
        "A rule is for this group. Remove the rule first, or these people would lose its protection unseen.",
      group_unknown: "That group is not there any more.",
      person_unknown: "Nobody has this username or email.",
      already_member: "This person is in the group already.",
      not_member: "This person is not in the group any more.",
    } as Record<string, string>,
  },

  newUser: {
    title: "New user",
    intro: "They get an email with a link to set their password. The link works once, within 24 hours.",
    email: "Email",
    submit: "Send invitation",
    emailNeeded: "Enter an email address: the invitation goes there.",
  },

  person: {
    profile: "Profile",
    profileIntro: "If you change the email address, the old address is told and can undo it for 72 hours.",
    oldMailboxLost: "Their old mailbox is in the wrong hands",
    oldMailboxLostHint: "No link to undo a change of the address goes there, and one that is on its way stops working.",
    save: "Save changes",
    access: "Access",
    state: "State",
    active: "Active",
    waiting: "Invited, no password yet",
    created: "Created",
    events: "What happened",
    eventsLink: "Events of this person",
    inviteAgain: "Send a new invitation",
    inviteToTwoFactor: "Invite to use two-factor authentication",
    requiredFrom: "Required from",
    require: "Require two-factor authentication",
    requireIntro:
      "Of this person alone, whatever the policy says. From then on they reach nothing until it is set up. They are told by email.",
    requireSubmit: "Require it",
    stopRequiring: "Stop requiring it",
    from: "From",
    inDays: { 0: "At once", 7: "In a week", 14: "In two weeks", 30: "In 30 days" },
    reset: "Reset two-factor authentication",
    resetIntro:
      "For somebody who lost their phone. Their app's codes stop working, they are signed out everywhere and told by email. They sign in with their password and can set it up again. Make sure that it is really them who asks.",
    reason: "Reason",
    reasonHint: "For example: lost phone, came to my desk with badge",
    reasonMissing: "Say why; it is kept with the record of this.",
    voidPassword: "Require a new password",
    voidPasswordIntro:
      "For a password that others may know: it stops working at once, and the person gets a mail that says how to set a new one.",
    signOut: "Sign out everywhere",
    signOutIntro: "Ends every session of this person at once.",
    unlock: "Unlock",
    disable: "Disable account",
    disableIntro: "They are signed out at once and cannot sign in until you enable the account again.",
    enable: "Enable account",
    enableIntro: "They can sign in again with the password they had.",
    yourself: "This is your own account. Only another administrator can reset or disable it.",
    beyondSupport: "Support can only help people. This account is in the hands of administrators.",
    lastAdministrator: "This is the last administrator. Make somebody else an administrator first.",
    alreadyAccepted: "They have set a password already.",
    notEnabled: "Two-factor authentication was already off.",
    obstacles: {
      not_accepted: "They have not set a password yet. Send a new invitation instead.",
      disabled: "The account is disabled.",
      already_enabled: "They use two-factor authentication already.",
      already_invited: "They were invited within the last day.",
      already_required: "It was required already, from the same time or earlier.",
      not_required: "It was not required of this person.",
      no_email: "They have no email address.",
    } as Record<string, string>,
  },

  selection: {
    label: "Do something to several people",
    pick: (name: string) => `Choose ${name}`,
    act: "With those chosen",
    all: (total: number) => (total === 1 ? "The one person found" : `All ${numbers.format(total)} people found`),
    submit: "Continue",
    earlier: "Earlier bulk actions",
  },

  jobs: {
    title: "Bulk actions",
    acts: {
      "invite-to-two-factor": "Invite to use two-factor authentication",
      "require-two-factor": "Require two-factor authentication",
      "stop-requiring": "Stop requiring two-factor authentication",
      "sign-out": "Sign out everywhere",
      "reset-two-factor": "Reset two-factor authentication",
    },
    consequences: {
      "invite-to-two-factor": "They get an email with a link to the page where they set it up.",
      "require-two-factor":
        "From that time on they reach nothing until it is set up, whatever the policy says. Who has none is told by email.",
      "stop-requiring": "Only the policy then says whether they need it.",
      "sign-out": "All their sessions end at once. They can sign in again.",
      "reset-two-factor":
        "Their apps' codes stop working, they are signed out everywhere and told by email. Their passwords alone then open their accounts, until they set it up again.",
    },
    states: { prepared: "Not begun", running: "Running", stopped: "Stopped", done: "Done" },
    results: { waiting: "Waiting", done: "Done", skipped: "Skipped", refused: "Not done" },
    reasons: {
      yourself: "This is your own account.",
      not_enabled: "They do not use it.",
      waiting: "Asked for: it waits, as the policy says.",
      approval: "Asked for: another administrator has to approve it.",
    } as Record<string, string>,
    previewHeading: "Check before you begin",
    previewIntro:
      "Nobody else is touched, not even people who match later. What you chose can be begun within an hour.",
    begin: (people: number) => `Begin for ${count(people, "person", "people")}`,
    nobody: "There is nobody to whom this can be done.",
    touched: "Touched",
    skipped: "Skipped",
    people: (number: number) => count(number, "person", "people"),
    somebodyElses: (name: string) => `Only ${name}, who prepared this, can begin it or let it go on.`,
    expired: "This was prepared too long ago. Choose the people again.",
    progress: "Progress",
    progressOf: (done: number, total: number) => `${numbers.format(done)} of ${numbers.format(total)}`,
    still: "Stop updating this page",
    moving: "Update this page by itself",
    stop: "Stop",
    stopIntro: "Whoever was not reached yet stays as they are. It can go on later.",
    resume: "Go on",
    stoppedTitle: "Stopped",
    stopped: "Whoever was not reached yet stays as they are.",
    stoppedBecause:
      "It stopped by itself: whoever began it no longer has the right to do this, or changed their password or two-factor authentication.",
    doneTitle: "Done",
    doneSentence: (people: number) => `It was done to ${count(people, "person", "people")}.`,
    heading: "How it stands",
    by: "Begun by",
    when: "Begun",
    finished: "Finished",
    reason: "Reason",
    from: "Required from",
    peopleHeading: "Result for each person",
    caption: "The people, and what came of it for each",
    name: "Name",
    result: "Result",
    why: "Why",
    show: "Show",
    all: "Everybody",
    pager: "Pages of people",
    listCaption: "What was done to many people, the newest first",
    act: "Action",
    state: "State",
    total: "People",
    none: "Nothing was done to many people yet. Choose people on the list of users.",
    toUsers: "Users",
  },

  lockout: {
    heading: "Locked after wrong tries",
    withPassword:
      "Too many wrong codes were entered with the right password. If that was not this person, their password is known to somebody: have them change it.",
    withoutPassword:
      "It ends by itself. Wrong tries of strangers do not slow down a browser that this person has used before.",
    what: "What",
    where: "Where",
    misses: "Tries",
    since: "Since",
    until: "Until",
    untilUnlocked: "You unlock it",
    kinds: {
      password: "Wrong password",
      code: "Wrong code",
      "recovery-code": "Wrong recovery code",
      "mailed-code": "Wrong code by email",
      "used-code": "Code used twice",
      enrolment: "Wrong code while setting up",
    },
    strangers: "Browsers not used before",
    known: (device: string | undefined) => (device === undefined ? "A browser used before" : `Used before: ${device}`),
    origins: "Came from",
    origin: (address: string, tries: number) => `${address} (${count(tries, "try", "tries")})`,
  },

  events: {
    title: "Events",
    caption: "Who did what to whom, the newest first",
    when: "When",
    what: "What",
    who: "Who",
    whom: "To whom",
    where: "From where",
    person: "Person",
    personHint: "Username or email",
    kind: "Kind",
    allKinds: "All kinds",
    apply: "Filter",
    of: (name: string) => `Events of ${name}`,
    back: "Back to the person",
    none: "Nothing happened that matches this filter.",
    showAll: "Show everything",
    stranger: "Somebody",
    operator: "Operator",
    nobodyKnown: "Nobody has this username or email.",
    pager: "Pages of events",
    older: "Older",
    newest: "Newest",
    position: (number: number) => count(number, "event", "events"),
    download: { csv: "Download as CSV", jsonl: "Download as JSON lines" },
    kinds: {
      "setup.completed": "Created the first administrator",
      "sign_in.succeeded": "Signed in",
      "sign_in.password_refused": "Wrong password",
      "sign_in.code_refused": "Wrong code",
      "sign_in.code_reused": "Code used twice",
      "sign_in.abandoned": "Right password without a code",
      "sign_in.cancelled": "Cancelled signing in",
      "attempts.slowed": "Slowed down",
      "attempts.unlocked": "Unlocked",
      "confirmation.succeeded": "Confirmed identity",
      "confirmation.refused": "Failed to confirm identity",
      "session.ended": "Signed out",
      "sessions.ended": "Signed out everywhere",
      "two_factor.enabled": "Enabled two-factor authentication",
      "two_factor.disabled": "Disabled two-factor authentication",
      "two_factor.reset": "Reset two-factor authentication",
      "two_factor.invited": "Invited to use two-factor authentication",
      "two_factor.required": "Required two-factor authentication",
      "two_factor.not_required": "Stopped requiring two-factor authentication",
      "two_factor.replaced": "Set up two-factor authentication anew",
      "rescue.asked": "Asked for a rescue",
      "rescue.approved": "Approved a rescue",
      "rescue.withdrawn": "Took back or refused a rescue",
      "rescue.stopped": "Stopped a rescue",
      "enrolment_link.made": "Made an enrolment link",
      "authenticator.added": "Added an authenticator app",
      "authenticator.renamed": "Renamed an authenticator app",
      "authenticator.removed": "Removed an authenticator app",
      "recovery_codes.made": "Made new recovery codes",
      "recovery_codes.kept": "Proved that the recovery codes are kept",
      "recovery_code.used": "Used a recovery code",
      "mailed_code.sent": "Sent a code by email",
      "trusted_browser.added": "Trusted a browser",
      "trusted_browser.removed": "Stopped trusting a browser",
      "enrolment.begun": "Started to set up two-factor authentication",
      "enrolment.refused": "Wrong code while setting up",
      "password.changed": "Changed the password",
      "password.reset_requested": "Asked for a new password",
      "password.voided": "Required a new password",
      "password.reset": "Set a new password by a mailed link",
      "profile.changed": "Changed the profile",
      "email.undone": "Undid the change of the email address",
      "user.created": "Created the user",
      "user.invited": "Sent an invitation",
      "user.accepted": "Set the first password",
      "user.changed": "Changed the user",
      "user.disabled": "Disabled the user",
      "user.enabled": "Enabled the user",
      "policy.changed": "Changed the policy",
      "group.created": "Created a group",
      "group.renamed": "Renamed a group",
      "group.removed": "Removed a group",
      "group.member_added": "Added to a group",
      "group.member_removed": "Removed from a group",
      "job.begun": "Began a bulk action",
      "job.stopped": "Stopped a bulk action",
      "job.resumed": "Let a bulk action go on",
      "job.finished": "Finished a bulk action",
      "mails.retried": "Tried again to send mails",
      "request.refused": "Refused a request from another site",
      "events.exported": "Exported events",
      "events.removed": "Removed old events",
      "api_key.created": "Made an API key",
      "api_key.revoked": "Revoked an API key",
      "api_key.used": "API key used from a new address",
      "api_key.refused": "Refused an API key",
    } as Record<string, string>,
  },

  protection: {
    title: "Protection",
    share: (protectedPeople: number, people: number) =>
      `${numbers.format(protectedPeople)} of ${count(people, "person", "people")} ${plural.select(protectedPeople) === "one" ? "has" : "have"} two-factor authentication on`,
    shareMeans: "Whoever learns the password of one of the others can sign in as them.",
    people: (number: number) => count(number, "person", "people"),
    serverClock: (ahead: number) =>
      `Most phones agree that this server's clock is ${duration(Math.abs(ahead))} ${ahead > 0 ? "ahead" : "behind"}. Turn on time synchronisation on the server: codes of people whose phones are right will be refused.`,
    factors: "Second factors",
    factorsIntro: "People who can sign in. Each line leads to them in the list of users.",
    others: "Clocks and accounts",
    othersIntro: "Codes that may be refused, and accounts that may no longer be needed.",
    why: {
      "no-second-factor": "A stolen password opens their accounts.",
      "one-authenticator": "When that phone is lost, only a recovery code or you can help.",
      "no-recovery-codes": "They cannot help themselves when the phone is lost. New ones are made under My profile.",
      "clock-off": "Their codes come early or late. Automatic time on the phone mends it.",
      "not-seen": "An account that nobody uses is one that nobody watches. Disable it if it is not needed.",
    },
    methods: "Every way to be let in, and the rule that applies to it.",
    methodsLink: "Show the ways in",
  },

  methods: {
    title: "Ways in",
    intro:
      "Every way to be let in. This page is made from the list that the program itself goes by: there is no other way.",
    sessions: "Signing in",
    sessionsIntro: "Each sign-in is recorded with the way that it came.",
    side: "Keys and passwords",
    sideIntro: "None of these logs anybody in by itself.",
    at: (path: string) => `Last step: ${path}`,
    names: {
      password: "Password alone",
      "password+trusted-browser": "Password in a trusted browser",
      "password+code": "Password and a code from the app",
      "password+recovery-code": "Password and a recovery code",
      "password+mailed-code": "Password and a code by email",
      "enrolment-link": "Enrolment link for somebody who lost everything",
      "self-rescue": "Rescuing oneself",
      enrolment: "Setting up an authenticator app",
      "api-key": "Making an API key",
      program: "A program with an API key",
      setup: "Set-up link of the first administrator",
      invitation: "Invitation",
      "password-reset": "Forgotten password",
      "command-line": "Command line",
    },
    factors: { 1: "One factor", 2: "Two factors" },
    countsAs: (assurance: string) => `Counts as ${assurance}.`,
    assurances: {
      password: "a password",
      "password + trusted browser": "a password in a trusted browser",
      "password + code": "a password and a code",
      "password + recovery code": "a password and a recovery code",
      "password + mailed code": "a password and a code by email",
      "password + enrolment link": "a password and an enrolment link",
      "password + waiting period": "a password and a waiting period",
    },
    gives: { key: "API key", answers: "Answers to a program", password: "Password" },
    rules: (trustDays: number) => ({
      password:
        "For people without two-factor authentication. Where the policy requires it and their time is over, they reach nothing but setting it up. It opens no page of administrators.",
      "password+trusted-browser":
        trustDays === 0
          ? "Turned off: a code is asked for in every browser."
          : `For ${count(trustDays, "day", "days")} at most after a code was entered in that browser with the wish to trust it. The policy can shorten that; people who change other people's accounts are always asked, unless a rule says otherwise. It opens no page of administrators.`,
      "password+code":
        "Each code works once. After five wrong ones there are waits, and after twenty in a row codes are blocked until somebody unlocks the account.",
      "password+recovery-code": "Each of ten works once, and its owner is told by email. The policy can turn them off.",
      "password+mailed-code":
        "Only where the policy allows it, and not after a mailed link changed the account, until another factor was shown. Each code works once, in the browser that asked for it. It opens no page of administrators and confirms nothing.",
      "enrolment-link":
        "An administrator or support gives it to somebody who lost everything. It works once, for a day, with the password, and reaches nothing but setting up a new app. The policy can ask for a wait or for a second administrator.",
      "self-rescue":
        "Where the policy allows it: the password, a waiting period that the person is told of and can stop, and the password again. It reaches nothing but setting up a new app. Support and administrators cannot.",
      enrolment:
        "For somebody who is signed in, confirmed the password, and proves the new app by its first code. They are signed out everywhere else.",
      "api-key":
        "For somebody who is signed in and confirmed who they are. A key does what its owner chose for it, and its owner is told by email.",
      program:
        "Only what the key allows, and only as long as its owner may do it. It opens no page, and ends when the key is revoked or its owner is disabled.",
      setup: "As long as there is no administrator, the server prints a link at its start. It works once, for an hour.",
      invitation: "A mailed link to set the first password. It works once, for a day.",
      "password-reset":
        "A mailed link to set a new password. It works once, for an hour, and leaves two-factor authentication as it is.",
      "command-line":
        "Whoever may run commands on the server has the database and the keys. What they do is recorded as the operator's.",
    }),
  },

  outbox: {
    title: "Mails",
    caption: "Mails and how far they are, the newest first",
    intro: "What mails say stays between the server and whom they are for. Rows are kept for 30 days.",
    when: "When",
    what: "What",
    to: "To",
    state: "State",
    tries: "Tries",
    all: "All",
    unsent: "Not sent",
    apply: "Filter",
    sent: "Sent",
    waiting: "Waiting",
    delayed: "Delayed",
    nextTry: "Next try",
    none: "No mail was sent in the last 30 days.",
    noneUnsent: "Every mail is sent.",
    pager: "Pages of mails",
    older: "Older",
    newest: "Newest",
    position: (number: number) => count(number, "mail", "mails"),
    failedTitle: "Some mails could not be sent",
    failed: "They are tried again by themselves, at longer and longer intervals, for 30 days.",
    retry: "Try again now",
  },

  /** What stands at the top of the next page after something was done. */
  done: {
    passwordVoided: "The password no longer works. The person gets a mail that says how to set a new one.",
    policySaved: "The policy is saved. It holds from the next request.",
    apiKeyRevoked: "The key is revoked. Programs that have it are refused from now on.",
    apiKeyMade:
      "This key was made already, and it is shown only once. If you did not copy it, revoke it and make another.",
    enabled: "Two-factor authentication is on. You are signed out everywhere else, and a notice is on its way to you.",
    authenticatorAdded: "The authenticator app is set up. You are signed out everywhere else.",
    authenticatorRenamed: "The name is changed.",
    authenticatorRemoved: "The authenticator app is removed. You are signed out everywhere else.",
    name_invalid: "A name has 1 to 60 characters.",
    not_found: "That authenticator app is not there any more.",
    last_authenticator:
      "This is your only authenticator app. Disable two-factor authentication instead, or add another one first.",
    too_many_authenticators: "You have as many authenticator apps as there can be. Remove one first.",
    recoveryCodesKept: "That code is right. Your recovery codes are in good hands.",
    disabled: "Two-factor authentication is off. You are signed out everywhere else.",
    preferences: "Your preferences are saved.",
    email: "Your email address is changed. The old address can undo that for 72 hours.",
    emailRestored:
      "Your email address is restored, and everybody is signed out. Now set a new password: the link goes to that address.",
    password: "Your password is changed. You are signed out everywhere else.",
    setUp: "The administrator is created. Sign in to go on.",
    accepted: "Your password is set. Sign in to go on.",
    passwordReset: "Your new password is set, and you are signed out everywhere. Sign in to go on.",
    signedOut: "You are signed out.",
    invited: "The invitation is on its way.",
    saved: "The changes are saved.",
    mailsRetried: "The mails are tried again now. Look again in a minute.",
    groupMade: "The group is created. Now add people.",
    groupRenamed: "The name is changed.",
    groupRemoved: "The group is removed.",
    memberAdded: "The person is in the group.",
    memberRemoved: "The person is out of the group.",
    personDisabled: "The account is disabled.",
    personEnabled: "The account is enabled.",
    personReset: "Two-factor authentication is reset. The person is told by email.",
    nobodySelected: "Choose people first, or tick the box for all of them.",
    jobBegun: "It has begun.",
    jobStopped: "It is stopped.",
    jobResumed: "It goes on.",
    personInvited: "The invitation to use two-factor authentication is on its way.",
    personRequired: "Two-factor authentication is required of this person. If it is off, they are told by email.",
    personNotRequired: "Only the policy says now whether this person needs two-factor authentication.",
    linkMailed: "The enrolment link is on its way to the person.",
    rescueWaiting: "Your request is recorded. The person is told and can stop it; come back when the wait is over.",
    rescueApproval: "Your request is recorded. The person and the other administrators are told by email.",
    rescueWithdrawn: "The request is taken back. The person is told by email.",
    rescueStopped: "It is stopped. Your two-factor authentication stays as it is.",
    rescueGone: "There was nothing left to stop.",
    personSignedOut: "The person is signed out everywhere.",
    personUnlocked: "The account is unlocked.",
    twoFactorFirst: "You need two-factor authentication to see other people's accounts. Set it up here.",
    sessionEnded: "You were signed out after too many wrong tries. Sign in again.",
    sessionExpired: "You were signed out because nothing happened for a while. Sign in to go on.",
    signInExpired: "This sign-in took too long or was already used. Sign in again.",
    enrolmentExpired: "Setting up took too long, so that secret is no longer valid. Start again.",
    trustEnded: "Signing in there asks for a code again.",
    trustGone: "That browser was not trusted any more.",
    otherEnded: "That browser is signed out.",
    otherGone: "That browser was signed out already.",
    othersEnded: "You are signed out everywhere else.",
    acknowledged: "Thank you. The warning is put away.",
  } as Record<string, string>,

  errors: {
    400: {
      title: "That request was not understood",
      text: "Something in it was not in the form we expect. Go back and try again.",
    },
    401: { title: "Sign in first", text: "This needs you to be signed in." },
    403: {
      title: "That did not come from this site",
      text: "For your safety, requests from other sites are refused. Open the page here and try again.",
    },
    404: { title: "There is nothing here", text: "The address may be mistyped, or the page is not for you." },
    405: { title: "That does not work here", text: "The page does not take this kind of request." },
    413: { title: "That is too much", text: "What was sent is larger than anything we expect." },
    415: { title: "That form is not understood", text: "The request was sent in a form that we do not read." },
    429: { title: "Too many tries", text: "Wait a little and try again." },
    500: {
      title: "Something went wrong",
      text: "It is not your fault, and nothing was changed. Try again in a moment.",
    },
    503: { title: "The server is busy", text: "Try again in a few seconds." },
    request: (id: string) => `If it happens again, tell your administrator this number: ${id}`,
    home: "Go to the start page",
  },

  mails: {
    greeting: (name: string) => `Hello ${name},`,
    notYou: "If this was not you, change your password now and tell your administrator.",
    invitation: {
      subject: (product: string) => `Your account at ${product}`,
      text: (product: string, login: string) =>
        `An account was made for you at ${product}. Your username is ${login}. Set your password here, within 24 hours.`,
      action: "Set your password",
      notYou: "If you did not expect this, delete this mail: nobody can use the account without the link.",
    },
    second_factor_asked: {
      subject: "Set up two-factor authentication",
      here: "You need a phone with an authenticator app; it takes about two minutes. Sign in and set it up here.",
      action: "Set it up",
      notYou: "If you did not expect this, ask your administrator before you follow the link.",
    },
    two_factor_enabled: {
      subject: "Two-factor authentication is on",
      text: "Two-factor authentication was turned on for your account. From now on, signing in takes your password and a code from your authenticator app.",
    },
    two_factor_disabled: {
      subject: "Two-factor authentication is off",
      text: "Two-factor authentication was turned off for your account. Your password alone now opens it.",
    },
    two_factor_reset: {
      subject: "Two-factor authentication was reset",
      text: "Somebody who helps with accounts reset two-factor authentication for yours and signed you out everywhere. Sign in with your password and set it up again.",
      notYou: "If you did not ask for this, tell your administrator now: somebody may pretend to be you.",
    },
    two_factor_invited: {
      subject: "Protect your account with a code from your phone",
      text: (product: string) =>
        `Whoever looks after accounts at ${product} asks you to turn on two-factor authentication. A stolen password is then not enough to get into your account.`,
    },
    two_factor_replaced: {
      subject: "Two-factor authentication was set up anew",
      text: "Two-factor authentication was set up anew for your account, by somebody with your password who said that everything was lost. The apps, recovery codes and trusted browsers from before no longer work.",
    },
    rescue_asked: {
      subject: "Somebody asked to let you back in",
      text: {
        reset: (when: string, asker: string) =>
          `On ${when}, ${asker} asked to reset two-factor authentication of your account.`,
        "shown-link": (when: string, asker: string) =>
          `On ${when}, ${asker} asked for a link by which you can set up two-factor authentication anew.`,
        "mailed-link": (when: string, asker: string) =>
          `On ${when}, ${asker} asked for a link by which you can set up two-factor authentication anew.`,
        self: (when: string) =>
          `On ${when}, somebody entered the password of your account and said that phone and recovery codes are lost.`,
      },
      ready: (when: string) => `It can be done from ${when}, and not before.`,
      approval: "An administrator has to approve it first.",
      action: "Stop it",
      notYou: "If you did not ask for this, stop it, and tell your administrator. Change your password, too.",
    },
    rescue_approval_wanted: {
      subject: "A rescue waits for approval",
      text: (asker: string, person: string) =>
        `${asker} asks to let ${person} back into their account. It needs the approval of an administrator who did not ask for it.`,
      reason: (reason: string) => `The reason given: ${reason}`,
      here: "Make sure that it is really them, then approve it or refuse it.",
      action: "Look at the request",
      notYou: "If you did not expect this, do nothing: without you, nobody is let in. Or ask another administrator.",
    },
    rescue_withdrawn: {
      subject: "You are not let back in that way",
      text: "The request to let you back into your account was taken back or refused. Nothing was changed.",
      notYou: "If you did not ask for this, tell your administrator. If you still cannot get in, ask again.",
    },
    rescue_stopped: {
      subject: "The rescue of your account was stopped",
      text: "The request to let you back into your account was stopped: by you, by your link, or because you signed in with a code. Nothing was changed.",
    },
    rescue_entered: {
      subject: "Somebody is setting up two-factor authentication anew",
      text: (when: string, device: string, address: string) =>
        `On ${when}, somebody with the password of your account began to set up two-factor authentication anew. The request came from ${address} (${device}).`,
    },
    enrolment_link: {
      subject: "Set up your new phone",
      text: "You get this link because you lost your phone. With it and your password, you can set up two-factor authentication anew: once, within 24 hours. Until then, everything stays as it is.",
      action: "Set up my new phone",
      notYou: "If you did not ask for this, do not use the link, and tell your administrator.",
    },
    enrolment_link_made: {
      subject: "An enrolment link was made for you",
      text: "Somebody who helps with accounts made a link for you, by which two-factor authentication can be set up anew with your password. They hand it over to you; it works once, within 24 hours.",
      notYou: "If you did not ask for this, tell your administrator now: somebody may pretend to be you.",
    },
    authenticator_added: {
      subject: "An authenticator app was added",
      text: (name: string) =>
        `An authenticator app, “${name}”, was added to your account. Its codes now open your account, with your password.`,
    },
    authenticator_removed: {
      subject: "An authenticator app was removed",
      text: (name: string) =>
        `The authenticator app “${name}” was removed from your account. Its codes no longer work.`,
    },
    recovery_codes_made: {
      subject: "You have new recovery codes",
      text: "New recovery codes were made for your account. The old ones no longer work.",
    },
    recovery_code_used: {
      subject: "A recovery code was used",
      text: (when: string, device: string, address: string, left: number) =>
        `On ${when}, one of the recovery codes of your account was used, with the right password. The request came from ${address} (${device}). You have ${count(left, "recovery code", "recovery codes")} left.`,
    },
    mailed_code: {
      subject: "Your code for signing in",
      text: (code: string, until: string) =>
        `Your code is ${code}. Enter it on the page where you asked for it, until ${until}. It works once; a newer one takes its place.`,
      from: (when: string, device: string, address: string) =>
        `It was asked for on ${when}, from ${address} (${device}), with the right password. Give it to nobody, whoever asks.`,
      notYou: "If this was not you, somebody knows your password: change it now and tell your administrator.",
    },
    password_reset: {
      subject: "Set a new password",
      text: (when: string, device: string, address: string) =>
        `On ${when}, somebody asked for a new password for your account. The request came from ${address} (${device}).`,
      here: "Set the new password here, within an hour. Signing in asks for your code as before.",
      action: "Set a new password",
      notYou: "If this was not you, do nothing: without the link, your password stays as it is.",
    },
    password_voided: {
      subject: "You need a new password",
      text: "An administrator has made the password of your account worthless, because others may know it. You were signed out everywhere.",
      here: "Ask for a link and set a new password, one that you use nowhere else. Signing in asks for your code as before.",
      action: "Set a new password",
    },
    password_changed: {
      subject: "Your password was changed",
      text: "The password of your account was changed, and you were signed out everywhere else.",
      action: "Set another password",
      notYou:
        "If this was not you, somebody else has your account: set another password with this link now, and tell your administrator.",
    },
    email_changed: {
      subject: "Your email address was changed",
      text: "The email address of your account was changed. Notices no longer come to this address.",
      undo: "If this was not you, undo the change here, within 72 hours. Everybody who uses your account is signed out then, and you set a new password.",
      action: "Undo the change",
      wasYou:
        "If this was you, there is nothing to do. Whoever has this mail can undo the change, so do not pass it on.",
    },
    email_set: {
      subject: "This is your email address now",
      text: "The email address of your account was changed to this one. Notices and links for a new password come here now.",
      notYou:
        "If this was not you, undo it with the link in your old mailbox, or tell your administrator. If this is not your account, delete this mail.",
    },
    email_restored: {
      subject: "Your email address is restored",
      text: "The change of your email address was undone from this mailbox. Everybody was signed out of your account, and its API keys were revoked.",
      apps: "If signing in asks for a code of an authenticator app that is not yours, ask an administrator to reset two-factor authentication.",
      here: "Set a new password now, so that nobody who knows the old one comes back.",
      action: "Set a new password",
      notYou: "If this was not you, tell your administrator now: somebody reads your mail.",
    },
    browser_trusted: {
      subject: "A browser no longer needs a code",
      text: (when: string, device: string, address: string) =>
        `On ${when}, a browser was marked as trusted after a right code (${device}, from ${address}). Signing in there takes the password of your account alone for a while.`,
    },
    browser_untrusted: {
      subject: "A browser needs a code again",
      text: (when: string, device: string, address: string) =>
        `On ${when}, a browser of your account stopped being trusted. The request came from ${address} (${device}). Signing in there takes a code again.`,
    },
    new_browser: {
      subject: "A sign-in from a new browser",
      text: (when: string, device: string, address: string) =>
        `On ${when}, somebody signed in to your account in a browser that is not known from before. The request came from ${address} (${device}).`,
    },
    sign_in_abandoned: {
      subject: "Somebody entered your password",
      text: (when: string, device: string, address: string) =>
        `On ${when}, somebody entered the right password of your account, but no right code. The request came from ${address} (${device}).`,
    },
    api_key_created: {
      subject: "An API key was made",
      text: (name: string) =>
        `An API key was made for your account; its name is “${name}”. A program that has it can do what the key allows without your password. You can revoke it under My profile, API keys.`,
    },
    api_key_revoked: {
      subject: "An API key was revoked",
      text: (name: string) => `The API key “${name}” of your account was revoked. Programs that have it are refused.`,
    },
  },
};

export type Text = typeof en;
