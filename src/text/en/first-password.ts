export const setup = {
  title: "Create the first administrator",
  intro: "This account can add people and help those who lost their phone.",
  submit: "Create administrator",
  invalidTitle: "This link cannot be used",
  invalid:
    "It was used already, or it is older than an hour. Start the server again: it prints a new link as long as there is no administrator.",
};

export const invitation = {
  title: "Set your password",
  intro: (name: string, login: string) =>
    `Welcome, ${name}. Your username is ${login}. Choose the password that you will sign in with.`,
  submit: "Set password",
  invalidTitle: "This link cannot be used",
  invalid: "It was used already, or it is older than a day. Ask an administrator to send you a new invitation.",
};

export const password = {
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
};

export const profile = {
  name_invalid: "Enter a name of at most 120 characters.",
  login_invalid: "A username has at most 120 characters and no spaces.",
  login_taken: "Somebody already has this username.",
  email_invalid: "That does not look like an email address.",
  email_taken: "Somebody has this email address, or had it until a few days ago.",
  role_invalid: "Choose a role.",
  language_invalid: "Choose a language.",
  time_zone_invalid: "That is not a known time zone. Use a name such as Europe/Vienna.",
};
