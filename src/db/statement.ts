// Statements that are made once. A query builder and its executor cost several times what the statement itself does, so
// whatever every sign-in asks is written in Kysely at the level of its module, compiled at its first use in each
// dialect, and from then on goes to the connection as it is. A limit in one is a literal (`sql.lit`): SQLite plans by
// the value of a limit, so with one that is given it would compile the statement again at every use.

import type { Compilable, CompiledQuery, Kysely } from "kysely";
import type { Answer, Connection, Dialect, Text } from "./driver.ts";
import { COMPILERS, textOf } from "./kysely.ts";
import type { Schema } from "./schema.ts";

/** Where a statement runs: a database, or a transaction of it. */
export type Place = { readonly dialect: Dialect; readonly connection: Connection };

/** A statement that needs these values and gives these rows. */
export type Statement<Values, Row> = {
  all(place: Place, values: Values): Promise<Row[]>;
  /** The first of its rows, of those that give one at most. */
  first(place: Place, values: Values): Promise<Row | undefined>;
  /** Runs it for its effect, and tells how many rows it changed. */
  run(place: Place, values: Values): Promise<number>;
};

/** What builds a query; `given` stands for the values, which are not known yet. */
type Build<Values, Row> = (
  db: Kysely<Schema>,
  given: Values,
  dialect: Dialect,
) => Compilable<Row> | { compile(executor: Kysely<Schema>): CompiledQuery<Row> };

/** Stands for a value in a query that is being made. */
class Given {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  /** Nothing can be reckoned with it. */
  [Symbol.toPrimitive](): never {
    throw new TypeError(`The value of ${this.name} is not known when the statement is made`);
  }
}

/** Each parameter is a value that is given under a name, or one that the query had already. */
type Made = { text: Text; names: readonly (string | undefined)[]; parameters: readonly unknown[] };

/** Makes a statement out of a query, at its first use in a dialect. */
export function statement<Values extends object, Row>(build: Build<Values, Row>): Statement<Values, Row> {
  const made: Partial<Record<Dialect, Made>> = {};

  const make = (dialect: Dialect): Made => {
    // Each property stands for itself, whatever type the query takes it for.
    const given = new Proxy({}, { get: (_, name) => new Given(String(name)) }) as Values;
    const compiled = build(COMPILERS[dialect], given, dialect).compile(COMPILERS[dialect]);
    const { parameters } = compiled;
    const names = parameters.map((value) => (value instanceof Given ? value.name : undefined));
    return { text: textOf(compiled), names, parameters };
  };

  const execute = ({ dialect, connection }: Place, values: Values): Promise<Answer> => {
    made[dialect] ??= make(dialect);
    const { text, names, parameters } = made[dialect];
    const all = names.map((name, at) => (name === undefined ? parameters[at] : values[name as keyof Values]));
    return connection.execute(text, all);
  };

  return {
    // The rows are those of the query, which Kysely has typed by the schema.
    all: async (place, values) => (await execute(place, values)).rows as Row[],
    first: async (place, values) => (await execute(place, values)).rows[0] as Row | undefined,
    run: async (place, values) => (await execute(place, values)).changed,
  };
}

/** Sends a query that is made for this one time, without a turn of the event loop between. */
export function once(place: Place, build: (db: Kysely<Schema>) => Compilable): Promise<Answer> {
  const compiled = build(COMPILERS[place.dialect]).compile();
  return place.connection.execute(textOf(compiled), compiled.parameters);
}

/** Some properties of an object: those of a statement's values cannot be spread, because only their names are known. */
export function pick<T extends object, K extends keyof T>(values: T, names: readonly K[]): Pick<T, K> {
  // It has exactly the properties that are named.
  return Object.fromEntries(names.map((name) => [name, values[name]])) as Pick<T, K>;
}
