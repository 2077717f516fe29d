// What an application hands over that has users and passwords of its own. Types alone: docs/embedding.md shows them at
// work, core/people/host-accounts.ts asks for what they promise.

import type { Role } from "./db/schema.ts";

/** Somebody as the application knows them. What it does not say of a person is the default. */
export type HostPerson = {
  /** What never changes about them and is never given to anybody else: letters, digits, `_`, `-` and `.`, 64 at most. */
  id: string;
  /** The name that they are shown and found by in the console, and that their authenticator app shows. */
  login: string;
  /** What they are called, in pages and mails. */
  name: string;
  /** Where mails for them go; null for somebody without an address. */
  email: string | null;
  /** Whether they help people or decide about them in the console. Default: `person`, who does neither. */
  role?: Role;
  /** The language of their pages and mails, as a language tag. Default, and for one without a catalogue: the first. */
  language?: string;
  /** Where their times are, as an IANA name. Default, and for one that nobody knows: UTC. */
  timeZone?: string;
  /** Whether they are kept out. Default: they are not. */
  disabled?: boolean;
};

/**
 * The application's accounts. They are asked outside of any transaction, so they may take their time; a sign-in waits
 * for them. What they throw becomes an error of the request, and nobody is signed in by it.
 */
export type HostAccounts = {
  /** Who a typed name leads to, of any spelling that the application takes; `undefined` for nobody. */
  find(name: string): Promise<HostPerson | undefined>;
  /** The person of an id, as they are now; `undefined` for nobody. */
  get(id: string): Promise<HostPerson | undefined>;
  /**
   * Whether this is their password; anything but `true` is no. For nobody's id, and for `undefined`, it must take as
   * long: what takes less tells strangers which names there are. Tries are counted before it is asked.
   */
  verify(id: string | undefined, password: string): Promise<boolean>;
};
