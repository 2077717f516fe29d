// Other people's accounts. Whoever reads them shows a session that was let in, or an authority; whoever changes them,
// an authority: that of a person who has just confirmed who they are, or of the operator.

import type { Client, Context } from "../context.ts";
import * as acting from "../core/console/acting.ts";
import * as directory from "../core/console/people.ts";
import type { PeopleFilter } from "../core/console/people-filter.ts";
import { ownAlone } from "../core/people/accounts.ts";
import * as hostAccounts from "../core/people/host-accounts.ts";
import * as setup from "../core/people/setup.ts";
import type { Profile } from "../core/people/users.ts";
import type { AdministratorAuthority, AdministratorReader, SupportReader } from "../core/session/authority.ts";

type By = { client: Client; authority: AdministratorAuthority };

export const people = {
  /**
   * A token for the page `/setup?ticket=…`, on which whoever has it makes the first administrator, once; earlier ones are
   * void. It is for the operator's eyes.
   */
  issueSetupTicket: (context: Context, { client }: { client: Client }) => setup.issueTicket(context, client),

  /** One page of people by name, fifty of them, and how many match in all. */
  list: (
    context: Context,
    { reader, filter = {}, page = 1 }: { reader: SupportReader; filter?: PeopleFilter; page?: number },
  ) => directory.list(context, reader, filter, page),

  /** A person, or `undefined`. */
  find: (context: Context, { reader, id }: { reader: SupportReader; id: string }) =>
    directory.find(context, reader, id),

  /** The person whom a login or e-mail address means, or `undefined`. */
  findByName: (context: Context, { reader, name }: { reader: AdministratorReader; name: string }) =>
    directory.findByName(context, reader, name),

  /**
   * Adds a person and mails them an invitation. Refused: what is wrong with the profile (`login_taken`, …),
   * `no_authority`; `not_allowed` where the accounts are a host's.
   */
  invite: (context: Context, { client, authority, ...profile }: By & Profile) =>
    inviteOwn(context, client, authority, profile),

  /** Adds a person with a password. Refused as `invite`, or for what is wrong with the password. */
  add: (context: Context, { client, authority, ...profile }: By & Profile & { password: string }) =>
    addOwn(context, client, authority, profile),

  /** Changes login, name, address and role; both addresses are told of a new one. Refused as `invite`, or `not_found`. */
  change: (
    context: Context,
    { client, authority, ...changed }: By & Profile & { id: string; oldMailboxLost?: boolean },
  ) => changeOwn(context, client, authority, changed),

  /**
   * Does an act to somebody: `unlock`, `reset`, `sign-out`, `disable` and all others of the console; the person is told.
   * Refused for what is against it: `yourself`, `beyond_support`, `reason_missing`, `not_found`, and what the act says.
   */
  act: (context: Context, { client, ...asked }: { client: Client } & acting.Asked) =>
    acting.act(context, client, asked),

  /** Asks the host for a person and keeps what it says; what that ends has ended. Refused: `not_found`, what is wrong. */
  refresh: (context: Context, { client, id }: { client: Client; id: string }) =>
    hostAccounts.refresh(context, client, id),

  /** The host tells of a new password: sessions, half-done sign-ins and trust end. Refused as `refresh`. */
  passwordChanged: (context: Context, { client, id }: { client: Client; id: string }) =>
    hostAccounts.passwordChanged(context, client, id),
};

const inviteOwn = ownAlone(directory.invite);
const addOwn = ownAlone(directory.add);
const changeOwn = ownAlone(directory.change);
