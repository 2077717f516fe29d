import type { Migration } from "../migrate.ts";

export const passwordResetRequests: Migration = {
  name: "0005-password-reset-requests",
  statements: ({ time, table }) => [
    table(`password_reset_requests (
      id text primary key,
      name_sealed text not null,
      address text not null,
      user_agent text not null,
      request_id text not null,
      created_at ${time} not null)`),
  ],
};
