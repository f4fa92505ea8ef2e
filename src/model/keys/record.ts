/**
 * A key of the configuration in one record: how it is written, who has it, how layers combine, what a change costs, and
 * what it sets. The schema, `ConsoleConfig`, checks, plans, the reference page and the child's specification follow.
 */
import type { Static, TObject, TSchema, TUnion } from 'typebox';
import * as Type from 'typebox';
import type { ChildSpec } from '../runner.ts';

/** The sources that a console can have. */
export const SOURCES = ['run', 'unix', 'tcp', 'telnet', 'serial'] as const;
export type SourceKind = (typeof SOURCES)[number];

/** Marks an optional key whose schema states a `default`: it is never missing from what was resolved. */
export const Defaulted = <S extends TSchema>(schema: S) => Type.Optional(schema as S & { readonly default: unknown });

type Properties<S> = S extends TObject<infer P> ? P : never;
type StatedIn<P> = { [K in keyof P]: P[K] extends { readonly default: unknown } ? K : never }[keyof P];
type WithDefaults<P extends Record<PropertyKey, TSchema>> = Omit<Static<TObject<P>>, StatedIn<P>> & {
  [K in StatedIn<P>]-?: Static<P[K]>;
};

type Branch<Branches, Index> = Index extends keyof Branches
  ? Branches[Index] extends TSchema
    ? Branches[Index]
    : never
  : never;
type AnyOf<Branches> = { [Index in keyof Branches]: Given<Branch<Branches, Index>> }[keyof Branches & number];

/** A value of all layers in one: built-in defaults are filled in, and a text that is short for a table is that table. */
export type Given<S extends TSchema> =
  S extends TUnion<infer Branches>
    ? [Extract<Branches[number], TObject>] extends [never]
      ? Static<S>
      : Exclude<AnyOf<Branches>, string>
    : [Properties<S>] extends [never]
      ? Static<S>
      : WithDefaults<Properties<S>>;

/** Reports a mistake at a place within the value: `[]` is the value itself. */
export type Tell = (path: readonly (string | number)[], message: string) => void;

/** The console whose key is resolved. */
export interface At {
  /** `{name}` filled in. */
  fill(text: string): string;
  /** The absolute path, `{name}` filled in; a relative one is below that directory, or below the folder of the file that gives it. */
  path(base: 'runtimeDir' | 'logDir' | 'file', path: string): string;
  readonly tell: Tell;
}

/** When a change takes effect: at once, with the next start of the process, or by another console in place of this one. */
export type ConsoleEffect = 'live' | 'process' | 'console';

/** The property that a key sets; `config-keys.test.ts` checks that it changes. */
export type ConsoleTarget =
  /** The tables that its other keys come from. */
  | 'layers'
  /** The program, or the target of the link and how its line is set. */
  | 'source'
  /** Kernel settings of the program. */
  | 'child'
  | 'restart policy'
  | 'stop recipe'
  /** When it is started, and when it is ready. */
  | 'start'
  | 'readiness'
  | 'log'
  | 'init command'
  /** Input to the source, and output from it. */
  | 'input'
  | 'output'
  /** How its procServ endpoints behave; where they are. */
  | 'procserv'
  | 'endpoints'
  /** Whether its output is shown with that of others. */
  | 'shared output'
  /** Display and selection. */
  | 'labels';

export interface ConsoleKey<S extends TSchema = TSchema, V = unknown> {
  readonly schema: S;
  /** The kind of source that alone has it; absent: all have it. */
  readonly only?: SourceKind;
  /** The nearest table decides; or tables of all layers are merged key by key, the nearer value wins. */
  readonly layers: 'nearest' | 'merged';
  /** The table that a value which is not a table is short for. */
  long?(short: Static<S>): object;
  readonly change: ConsoleEffect;
  readonly sets: ConsoleTarget;
  /** A list whose order means nothing. */
  readonly unordered?: true;
  /** Texts that the kernel takes: without NUL characters. */
  readonly kernel?: true;
  /** Checks beyond the schema. `source`: that of the same table, if it is the table of a console. */
  check?(written: Static<S>, tell: Tell, source: SourceKind | undefined): void;
  /** Units and names resolved: milliseconds, bytes, numbers, absolute paths. */
  value(given: Given<S>, at: At): V;
  /** The value where the source cannot have it; absent: none. */
  readonly elsewhere?: NoInfer<V>;
  /** The part of the child's specification. */
  child?(value: NonNullable<NoInfer<V>>): Partial<ChildSpec>;
}

/** Checks a record, and keeps its types. */
export function consoleKey<S extends TSchema, V, const Layers extends ConsoleKey['layers']>(
  record: ConsoleKey<S, V> & { readonly layers: Layers },
): ConsoleKey<S, V> & { readonly layers: Layers } {
  return record;
}

/** `env_file` is `envFile` in the resolved configuration. */
type Property<Key> = Key extends `${infer Head}_${infer Rest}` ? `${Head}${Capitalize<Property<Rest>>}` : Key;

export function propertyOf(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The inverse of `propertyOf`. */
export function keyOf(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** As far as it matters to the types. */
interface Resolvable {
  readonly schema: TSchema;
  readonly value: (...given: never[]) => unknown;
}
type ValueOf<R extends Resolvable> = ReturnType<R['value']>;
type MayMiss<R extends Resolvable> =
  undefined extends ValueOf<R>
    ? true
    : R extends
          | { readonly schema: { readonly default: unknown } }
          | { readonly layers: 'merged' }
          | { readonly missing: unknown }
      ? false
      : true;

/** The resolved records: by property instead of by key. */
export type Resolved<Keys extends Readonly<Record<string, Resolvable>>> = {
  readonly [K in keyof Keys as MayMiss<Keys[K]> extends true ? never : Property<K>]: ValueOf<Keys[K]>;
} & {
  readonly [K in keyof Keys as MayMiss<Keys[K]> extends true ? Property<K> : never]?: Exclude<
    ValueOf<Keys[K]>,
    undefined
  >;
};

/** The properties of the schema of a table. */
export function schemasOf<Keys extends Readonly<Record<string, Resolvable>>>(
  keys: Keys,
): { [K in keyof Keys]: Keys[K]['schema'] } {
  return Object.fromEntries(Object.entries(keys).map(([key, { schema }]) => [key, schema])) as never;
}
