// What a catalogue says about each point of the policy. A point without its sentences does not compile.

import type { FACTOR_SETS, POLICY_POINTS, PointName, SaidOf } from "../auth.ts";

type Limits = { least: number; most: number; otherwise: number };
type Field = { label: string; problem: string };

/** `says` is how the list of rules puts it, where that is not the choice in the words of the form. */
type Chosen<Value extends string> = Field & {
  choices: Readonly<Record<Value, string>>;
  says?: Readonly<Record<Value, string>>;
};

type Words<Value extends string> = {
  choice: Chosen<Value>;
  factors: Chosen<(typeof FACTOR_SETS)[number]>;
  number: {
    label: string;
    hint: (limits: Limits) => string;
    problem: (limits: Limits) => string;
    says: (number: number) => string;
  };
  time: Field & { hint: string; says: (day: string) => string };
  allowance: Field & { says: Readonly<Record<0 | 1, string>> };
};

export type PointWords = {
  [Name in PointName]: Words<Extract<SaidOf<Name>, string>>[(typeof POLICY_POINTS)[Name]["kind"]];
};
