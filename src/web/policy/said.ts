// What is said about a point of the policy, in words: on the list of rules, and in the record of what was changed.

import { POLICY_POINTS, type PointName } from "../../auth.ts";
import type { Text } from "../../text/text.ts";
import { dateText, type Reader } from "../ui/time.ts";

type KindOf<Name extends PointName> = (typeof POLICY_POINTS)[Name]["kind"];
type NamesOf<Kind> = { [Name in PointName]: KindOf<Name> extends Kind ? Name : never }[PointName];
type Words = Readonly<Record<string, string>>;

/** Whether a point is of a kind. */
export function isOf<Kind extends KindOf<PointName>>(kind: Kind, name: PointName): name is NamesOf<Kind> {
  return POLICY_POINTS[name].kind === kind;
}

/** What a rule says about a point. */
export function wordsFor(
  { text, reader }: { text: Text; reader: Reader },
  name: PointName,
  said: string | number,
): string {
  const { points } = text.policy;
  if (isOf("number", name)) return points[name].says(Number(said));
  if (isOf("time", name)) return points[name].says(dateText({ at: Number(said), ...reader }));
  if (isOf("allowance", name)) return points[name].says[said === 1 ? 1 : 0];
  const words = points[name];
  const says: Words = "says" in words ? words.says : words.choices;
  return says[said] ?? String(said);
}
