import { count } from "./words.ts";

export const mails = {
  subject: (about: string, product: string) => `${about} – ${product}`,
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
      `The people who look after accounts at ${product} ask you to turn on two-factor authentication. A stolen password is then not enough to get into your account.`,
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
    subject: "The request to let you back in was taken back",
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
    text: (name: string) => `The authenticator app “${name}” was removed from your account. Its codes no longer work.`,
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
    text: "An administrator has made the password of your account invalid, because others may know it. You were signed out everywhere.",
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
    wasYou: "If this was you, there is nothing to do. Whoever has this mail can undo the change, so do not pass it on.",
  },
  email_set: {
    subject: "This is your email address now",
    text: "The email address of your account was changed to this one. Notices and links for a new password come here now.",
    notYou:
      "If this was not you, undo it with the link in your old mailbox, or tell your administrator. If this is not your account, delete this mail.",
    atHost: {
      text: "The email address of your account was changed to this one. Notices come here now.",
      notYou: "If this was not you, tell your administrator. If this is not your account, delete this mail.",
    },
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
};
