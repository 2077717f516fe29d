// How the database keeps `directory` after the tables that it tells of. It does so by itself, because many places write
// them, each within a transaction that may be undone (docs/decisions/0018-the-directory.md). This is a part of the first
// migration: what a release has stays as it is.

import type { Spelling } from "./migration.ts";

/** What a row of `directory` tells of a person, out of their row of `users`, which is called `user` here. */
const TOLD = {
  name: "user.name",
  search_text: "user.search_text",
  role: "user.role",
  disabled: "case when user.disabled_at is null then 0 else 1 end",
  may_sign_in: "case when user.disabled_at is null and user.password_hash is not null then 1 else 0 end",
  has_email: "case when user.email is null then 0 else 1 end",
  required: "case when user.required_from is null then 0 else 1 end",
  seen_on: "coalesce(user.last_sign_in_at, user.created_at) / 86400000",
};
const COLUMNS = Object.keys(TOLD) as (keyof typeof TOLD)[];

/** Statements that tell it anew when a person changes in some of that. */
function follow({ after }: Spelling, name: string, columns: readonly (keyof typeof TOLD)[]): string[] {
  const of = columns.flatMap((column) => TOLD[column].match(/(?<=user\.)\w+/g) ?? []);
  const isOther = columns.map((column) => `${toldOf(column, "new")} <> ${toldOf(column, "old")}`).join(" or ");
  const values = columns.map((column) => `${column} = ${toldOf(column, "new")}`).join(", ");
  const run = [`update directory set ${values} where user_id = new.id`];
  return after("users", "update", name, { of: [...new Set(of)], when: isOther, run });
}

function toldOf(column: keyof typeof TOLD, row: "old" | "new"): string {
  return TOLD[column].replaceAll("user.", `${row}.`);
}

/** What it tells besides, out of other tables. */
const APPS = `
  apps = (select case when count(*) = 0 then 0 when count(case when replaced_by is null then 1 end) > 1 then 2 else 1 end
    from authenticators where authenticators.user_id = directory.user_id),
  clock_off = (select count(*) from (select 1 from authenticators
    where authenticators.user_id = directory.user_id and (drift_steps >= 1 or drift_steps <= -2) limit 1) as app)`;
const CODES = `has_codes = (select count(*) from (select 1 from recovery_code_sets
  join recovery_codes on recovery_codes.set_id = recovery_code_sets.id
  where recovery_code_sets.user_id = directory.user_id and used_at is null limit 1) as code)`;

/** Statements by which the directory follows its tables. */
export function keepDirectory(spelling: Spelling): string[] {
  const { after } = spelling;
  return [
    ...after("users", "insert", "told", {
      run: [
        `insert into directory (user_id, ${COLUMNS.join(", ")})
          values (new.id, ${COLUMNS.map((column) => toldOf(column, "new")).join(", ")})`,
      ],
    }),
    ...follow(
      spelling,
      "told",
      COLUMNS.filter((column) => column !== "seen_on"),
    ),
    // Apart, so that a sign-in writes the day and its index, and nothing of all that is searched.
    ...follow(spelling, "seen", ["seen_on"]),
    ...(["insert", "update", "delete"] as const).flatMap((act) => {
      const row = act === "delete" ? "old" : "new";
      const isOther = "old.drift_steps <> new.drift_steps or old.replaced_by is distinct from new.replaced_by";
      return [
        ...after("authenticators", act, "told", {
          ...(act === "update" ? { of: ["drift_steps", "replaced_by"], when: isOther } : {}),
          run: [`update directory set ${APPS} where user_id = ${row}.user_id`],
        }),
        ...after("recovery_codes", act, "told", {
          ...(act === "update" ? { of: ["used_at"] } : {}),
          run: [
            `update directory set ${CODES}
              where user_id = (select user_id from recovery_code_sets where id = ${row}.set_id)`,
          ],
        }),
      ];
    }),
    ...after("recovery_code_sets", "delete", "told", {
      run: ["update directory set has_codes = 0 where user_id = old.user_id"],
    }),
    ...after("askings", "insert", "told", {
      run: ["update directory set asked = 1 where user_id = new.user_id and asked = 0"],
    }),
  ];
}
