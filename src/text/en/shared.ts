import type { Role } from "../../auth.ts";
import { duration } from "./words.ts";
export const common = {
  title: (page: string, product: string) => `${page} · ${product}`,
  errorTitle: (page: string, product: string) => `Error: ${page} · ${product}`,
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
  copy: "Copy",
  copied: "Copied",
  problems: "There is a problem",
  never: "Never",
  device: (browser: string, system: string) => `${browser} on ${system}`,
  unknownDevice: "Unknown device",
  commandLine: "Command line",
};

export const wait = (seconds: number) => `Too many tries. Try again in ${duration(seconds)}.`;

export const busy = "The server is busy right now. Try again in a few seconds.";

export const roles = { person: "Person", support: "Support", administrator: "Administrator" } satisfies Record<
  Role,
  string
>;

export const errors = {
  400: {
    title: "That request was not understood",
    text: "Something in it was not in the form we expect. Go back and try again.",
  },
  403: {
    title: "That did not come from this site",
    text: "For your safety, requests from other sites are refused. Open the page here and try again.",
  },
  404: { title: "There is nothing here", text: "The address may be mistyped, or the page is not for you." },
  405: { title: "That does not work here", text: "The page does not take this kind of request." },
  413: { title: "That is too much", text: "What was sent is larger than anything we expect." },
  415: { title: "That form is not understood", text: "The request was sent in a form that we do not read." },
  500: {
    title: "Something went wrong",
    text: "It is not your fault, and nothing was changed. Try again in a moment.",
  },
  503: { title: "The server is busy", text: "Try again in a few seconds." },
  request: (id: string) => `If it happens again, tell your administrator this number: ${id}`,
  home: "Go to the start page",
};
