// The page to read first: every table, in the order of the story. Ids are random text, times are integer milliseconds
// since the epoch, a `…_at` column that is null means "not yet", JSON is text. `*_hash` holds SHA-256 of a token's
// secret or an argon2id PHC string; `*_sealed` holds a ciphertext of crypto/secret-box.ts.

/** Support helps people back in; administrators decide. core/session/authority.ts says what each may do. */
export type Role = "person" | "support" | "administrator";

/** One row: what belongs to the whole installation. Updating it is the lock for rules that span several people. */
export type InstallationTable = {
  id: 1;
  /** A sealed known text: a wrong key file is noticed at start, not at the first code. */
  key_check_sealed: string;
  /** Set by the first administrator; before that a set-up ticket may make one. */
  set_up_at: number | null;
  administrators_changed_at: number;
  /** When it was last looked for people to remind of a second factor. */
  reminded_at: number;
  /** When what is over was last removed. */
  swept_at: number;
};

export type UserTable = {
  id: string;
  login: string;
  name: string;
  email: string | null;
  role: Role;
  language: string;
  time_zone: string;
  /** Null until the invitation is accepted. */
  password_hash: string | null;
  /** When a mailed link last changed the password or the address; null again once a factor was shown that is not mail. */
  changed_by_mail_at: number | null;
  /** Rises when the security setup changes; sessions and pending sign-ins of an older version are dead. */
  security_version: number;
  created_at: number;
  disabled_at: number | null;
  last_sign_in_at: number | null;
  /** Warnings up to this time were read and acknowledged by the person. */
  warnings_read_at: number;
  /** Name, login and e-mail in lower case, for the search of administrators. */
  search_text: string;
  /** From when a second factor is required of this person alone. */
  required_from: number | null;
  /** The last reminder of a second factor that is owed. */
  reminded_at: number | null;
};

/** People who are meant together; `name_key` is the canonical form of the name, which only one group has. */
export type GroupTable = { id: string; name: string; name_key: string; created_at: number };

export type GroupMemberTable = { group_id: string; user_id: string };

/** What a person may sign in by, canonical; one primary key keeps logins and e-mails from meaning two people. */
export type UserNameTable = { name: string; user_id: string; kind: "login" | "email" };

/** In what people are counted alike. */
export type Standing = {
  role: Role;
  disabled: 0 | 1;
  /** Has a password and is not disabled. */
  may_sign_in: 0 | 1;
  has_email: 0 | 1;
  /** Whether a second factor is required of this person alone. */
  required: 0 | 1;
  /** Whether a rule that leaves time has ever asked for a second factor at a sign-in. */
  asked: 0 | 1;
  /** Authenticators, besides those that another one takes the place of: none, one, or several. */
  apps: 0 | 1 | 2;
  has_codes: 0 | 1;
  /** An authenticator's codes have shown that the phone's clock is off. */
  clock_off: 0 | 1;
};

/**
 * What administrators find people by, one row for each person. The database keeps it after the tables that it tells of;
 * nothing else writes it.
 */
export type DirectoryTable = Standing & {
  number: number;
  user_id: string;
  name: string;
  search_text: string;
  /** The last day of a sign-in, or of the beginning, counted from the epoch. */
  seen_on: number;
};

/** How many people are alike: the sum of the rows that say the same. The database keeps it after `directory`. */
export type PeopleCountTable = Standing & { people: number };

export type SessionTable = {
  id: string;
  secret_hash: string;
  user_id: string;
  security_version: number;
  /** How this session was earned: an entry of core/ground/methods.ts. */
  method: string;
  known_browser_id: string | null;
  address: string;
  user_agent: string;
  created_at: number;
  last_seen_at: number;
  expires_at: number;
  /** When the person last confirmed who they are, in this session. */
  confirmed_at: number | null;
};

/** A right password that still owes a code. It is not a session and nothing takes it for one. */
export type PendingSignInTable = {
  id: string;
  secret_hash: string;
  user_id: string;
  security_version: number;
  bucket: string;
  wanted_page: string;
  address: string;
  user_agent: string;
  /** The first of those that one browser began, one after the other, for one person. */
  chain: string;
  misses: number;
  created_at: number;
  expires_at: number;
  cancelled_at: number | null;
};

/** The one code by mail that is good for a pending sign-in. */
export type MailedCodeTable = {
  sign_in_id: string;
  user_id: string;
  code_hash_sealed: string;
  created_at: number;
  expires_at: number;
};

/** A browser that completed a sign-in of this person. It proves acquaintance and skips nothing. */
export type KnownBrowserTable = {
  id: string;
  secret_hash: string;
  user_id: string;
  /** As it was at the last sign-in. */
  user_agent: string;
  created_at: number;
  last_used_at: number;
};

/** A browser in which a person is not asked for a code; core/factors/trusted-browsers.ts has the rules. */
export type TrustedBrowserTable = {
  id: string;
  secret_hash: string;
  user_id: string;
  security_version: number;
  user_agent: string;
  created_at: number;
  last_used_at: number;
  expires_at: number;
};

export type AuthenticatorTable = {
  id: string;
  user_id: string;
  name: string;
  secret_sealed: string;
  algorithm: "SHA1" | "SHA256" | "SHA512";
  digits: number;
  period: number;
  /** The last step that was spent; a code for it or an earlier one is refused. */
  last_step: number;
  /** How many steps the phone's clock is ahead of ours (negative: behind), as its codes have shown; at most four. */
  drift_steps: number;
  created_at: number;
  last_used_at: number;
  /** Another one replaces it, and it works until that was used once, or until this time. */
  goes_at: number | null;
  replaced_by: string | null;
};

/** The one living set of a person's recovery codes. */
export type RecoveryCodeSetTable = {
  user_id: string;
  id: string;
  made_at: number;
  /** When the person proved that the codes were kept, by typing one. */
  kept_at: number | null;
};

export type RecoveryCodeTable = {
  id: string;
  set_id: string;
  /** Finds the row of a code within its set; see crypto/recovery-code.ts. */
  selector: string;
  code_hash_sealed: string;
  used_at: number | null;
  used_address: string | null;
  used_user_agent: string | null;
};

/** A secret that no code has proved yet; one for each person. */
export type EnrolmentTable = {
  user_id: string;
  id: string;
  session_id: string;
  /** The authenticator that the new one is to take the place of. */
  replaces: string | null;
  secret_sealed: string;
  algorithm: "SHA1" | "SHA256" | "SHA512";
  digits: number;
  period: number;
  created_at: number;
  expires_at: number;
};

/** Misses by person, bucket and kind; core/ground/attempts.ts has the rules. */
export type AttemptTable = {
  subject: string;
  bucket: string;
  kind: string;
  misses: number;
  blocked_until: number;
  /** The first of the misses that stand. */
  first_at: number;
  last_at: number;
};

/** How far a rate (by address, over all, of mails) is used up; a time in the future means partly used. */
export type RateTable = { key: string; used_until: number };

export type TicketPurpose = "setup" | "invitation" | "password-reset" | "enrolment-link";

/** The points of core/session/policy-points.ts, on each of which a rule says something, or nothing: null. */
export type PolicyPoints = {
  requirement: "optional" | "encouraged" | "required" | null;
  required_from: number | null;
  /** Days after a person's first sign-in under the rule. */
  grace_days: number | null;
  /** Sign-ins without a second factor before enrolment is all that is left. */
  skips: number | null;
  /** Names of core/factors/factors.ts, with spaces between. */
  factors: string | null;
  /** 0: no trusted browsers. */
  trust_days: number | null;
  session_hours: number | null;
  endless_keys: 0 | 1 | null;
  rescue: "at-once" | "waiting" | "approval" | null;
  rescue_wait_hours: number | null;
  self_rescue: 0 | 1 | null;
};

/** One rule of core/session/policies.ts. */
export type PolicyTable = PolicyPoints & {
  /** `everyone`, `role:<role>` or `group:<id>`. */
  scope: string;
  /** When this rule began to require a second factor in its present form. */
  required_since: number | null;
  changed_at: number;
};

/** A way back in that somebody asked for and that waits, one for each person; core/rescue/rescues.ts has the rules. */
export type RescueTable = {
  user_id: string;
  id: string;
  /** Of the link by which the person stops it. */
  secret_hash: string;
  way: "reset" | "shown-link" | "mailed-link" | "self";
  reason: string;
  /** Null where it was the person, by a right password. */
  asked_by: string | null;
  asked_at: number;
  /** When the wait is over; null where a second administrator must approve. */
  ready_at: number | null;
  expires_at: number;
};

/** A person whom a rule asks for a second factor: since which sign-in under it, and after how many. */
export type AskingTable = { user_id: string; scope: string; since: number; sign_ins: number };

/** A one-time link. */
export type TicketTable = {
  id: string;
  secret_hash: string;
  purpose: TicketPurpose;
  user_id: string | null;
  security_version: number;
  created_at: number;
  expires_at: number;
  used_at: number | null;
};

/** The one-time link that went to the address which a person had until it was changed; it restores that one. */
export type EmailUndoTable = { user_id: string; id: string; secret_hash: string; email: string; expires_at: number };

/** Somebody forgot a password: a name as it was typed, which nobody has looked up yet; gone once it is answered. */
export type PasswordResetRequestTable = {
  id: string;
  name_sealed: string;
  address: string;
  user_agent: string;
  request_id: string;
  created_at: number;
};

/** What happened; only ever appended to, and in time removed from the beginning. `hash` covers the row and the hash of the row before. */
export type EventTable = {
  id: number;
  at: number;
  kind: string;
  actor_id: string | null;
  user_id: string | null;
  session_id: string | null;
  address: string;
  user_agent: string;
  request_id: string;
  node: string;
  details: string;
  hash: string;
};

/** One row: the newest event's id and hash. Taking its lock is taking the turn to append. */
export type EventHeadTable = { id: 1; last_event: number; hash: string };

/** One row: the newest event that was removed because of its age, 0 for none; core/record/retention.ts has the rules. */
export type EventCheckpointTable = { id: 1; last_removed: number; hash: string };

/** Mail to be sent; the content is sealed, because it may hold a link, and gone once it is sent. */
export type MailTable = {
  id: string;
  user_id: string | null;
  kind: string;
  recipient: string;
  content_sealed: string | null;
  created_at: number;
  tries: number;
  next_try_at: number;
  sent_at: number | null;
  last_error: string | null;
};

/** What a program shows in place of a person. A dead row is kept for a month: its use is still recognised. */
export type ApiKeyTable = {
  id: string;
  key_hash: string;
  user_id: string;
  name: string;
  /** Names of core/people/api-keys.ts, with spaces between. */
  scopes: string;
  last_four: string;
  created_at: number;
  expires_at: number;
  last_used_at: number | null;
  last_used_address: string | null;
  revoked_at: number | null;
};

/** An act on many people, one after the other; core/console/jobs.ts has the rules. */
export type JobTable = {
  id: string;
  /** An act of core/console/acts.ts, and what it needs, as JSON. */
  act: string;
  parameters: string;
  /** Who began it, under which version of their security setup, in which session. */
  actor_id: string;
  security_version: number;
  session_id: string;
  address: string;
  user_agent: string;
  request_id: string;
  state: "prepared" | "running" | "stopped" | "done";
  /** Why it stopped by itself; null where somebody stopped it. */
  stopped_because: string | null;
  total: number;
  created_at: number;
  begun_at: number | null;
  finished_at: number | null;
  /** The node that works on it, and until when others leave it alone. */
  leased_by: string;
  leased_until: number;
};

/** One person of a job; `skipped` was known before it began, `refused` turned out when it was their turn. */
export type JobItemTable = {
  job_id: string;
  position: number;
  user_id: string;
  state: "waiting" | "done" | "skipped" | "refused";
  reason: string | null;
  done_at: number | null;
};

export type Schema = {
  installation: InstallationTable;
  users: UserTable;
  user_names: UserNameTable;
  directory: DirectoryTable;
  people_counts: PeopleCountTable;
  groups: GroupTable;
  group_members: GroupMemberTable;
  sessions: SessionTable;
  pending_sign_ins: PendingSignInTable;
  mailed_codes: MailedCodeTable;
  known_browsers: KnownBrowserTable;
  trusted_browsers: TrustedBrowserTable;
  authenticators: AuthenticatorTable;
  recovery_code_sets: RecoveryCodeSetTable;
  recovery_codes: RecoveryCodeTable;
  enrolments: EnrolmentTable;
  attempts: AttemptTable;
  rates: RateTable;
  policies: PolicyTable;
  askings: AskingTable;
  tickets: TicketTable;
  email_undos: EmailUndoTable;
  rescues: RescueTable;
  password_reset_requests: PasswordResetRequestTable;
  events: EventTable;
  event_head: EventHeadTable;
  event_checkpoint: EventCheckpointTable;
  mails: MailTable;
  api_keys: ApiKeyTable;
  jobs: JobTable;
  job_items: JobItemTable;
};
