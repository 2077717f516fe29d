import type { Migration } from "../migrate.ts";

export const severalAuthenticators: Migration = {
  name: "0006-several-authenticators",
  statements: ({ time }) => [
    `alter table authenticators add column goes_at ${time}`,
    "alter table authenticators add column replaced_by text",
    "create index authenticators_going on authenticators (goes_at) where goes_at is not null",
    "alter table enrolments add column replaces text",
  ],
};
