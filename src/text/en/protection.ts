import { count, duration, isOne, number } from "./words.ts";

export const protection = {
  title: "Protection",
  share: (protectedPeople: number, people: number) =>
    `${number(protectedPeople)} of ${count(people, "person", "people")} ${isOne(protectedPeople) ? "has" : "have"} two-factor authentication on`,
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
};
