// What kinds of points there are (policy-points.ts): what can be said about one, and which of two sayings is stricter.
// `stricter` is commutative and associative, so that it matters neither in which order rules are read nor how often.

/** What a kind has besides what all have. */
type Shapes<Value> = {
  choice: { choices: readonly Value[] };
  factors: { choices: readonly Value[] };
  number: { least: number; most: number; strictest: "smallest" | "largest" };
  time: object;
  allowance: object;
};

export type KindName = keyof Shapes<unknown>;

/** What all kinds have. */
type Ordered<Value> = {
  loosest: Value;
  /** What holds where no rule says anything. */
  otherwise: Value;
  allows(value: unknown): boolean;
  /** What holds where one rule says this and another one that. */
  stricter(one: Value, other: Value): Value;
};

/** A kind of point on which a rule can say such a value. */
export type Kind<Value, Name extends KindName = KindName> = {
  [Each in Name]: { kind: Each } & Shapes<Value>[Each] & Ordered<Value>;
}[Name];

/** Times of JavaScript (ECMA-262 §21.4.1.1). */
const LAST_TIME = 8.64e15;

/** One of a few words, from the loosest to the strictest. */
export function choice<const Choice extends string>(loosest: Choice, ...others: Choice[]): Kind<Choice, "choice"> {
  const choices = [loosest, ...others];
  return {
    kind: "choice",
    choices,
    loosest,
    otherwise: loosest,
    allows: (value) => choices.some((known) => known === value),
    stricter: (one, other) => (choices.indexOf(one) > choices.indexOf(other) ? one : other),
  };
}

/** Names with spaces between, in one of some sets; what all rules name counts. */
export function factors<const Factors extends string>(
  choices: readonly Factors[],
  { loosest, otherwise }: { loosest: Factors; otherwise: Factors },
): Kind<string, "factors"> {
  return {
    kind: "factors",
    choices,
    loosest,
    otherwise,
    allows: (value) => choices.some((known) => known === value),
    stricter: (one, other) => {
      const [names, others] = [one.split(" "), other.split(" ")];
      return names.filter((name) => others.includes(name)).join(" ");
    },
  };
}

type Limits = { least: number; most: number; strictest?: "smallest" | "largest"; otherwise?: number };

/** A whole number; where no rule says one, the loosest holds, unless another is given. */
export function number({ least, most, strictest = "smallest", otherwise }: Limits): Kind<number, "number"> {
  const loosest = strictest === "smallest" ? most : least;
  return {
    kind: "number",
    least,
    most,
    strictest,
    loosest,
    otherwise: otherwise ?? loosest,
    allows: (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
    stricter: strictest === "smallest" ? Math.min : Math.max,
  };
}

/** A moment; the earliest is the strictest. */
export function time(): Kind<number, "time"> {
  return { ...number({ least: 0, most: LAST_TIME }), kind: "time" };
}

/** No or yes; yes only where a rule says so and none says no. */
export function allowance(): Kind<0 | 1, "allowance"> {
  return {
    kind: "allowance",
    loosest: 1,
    otherwise: 0,
    allows: (value) => value === 0 || value === 1,
    stricter: (one, other) => (one < other ? one : other),
  };
}
