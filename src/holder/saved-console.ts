/** The content of a console's file, for the next holder. */
import type { LogSpec } from '../model/holder-protocol.ts';
import type { EndRecord } from '../model/process.ts';
import type { ChildSpec } from '../model/runner.ts';

/** A requested child. Its terminal shows whether it exists. */
export interface SavedStart {
  /** Wall time, milliseconds. */
  readonly startedAt: number;
  /** The offset in the stream at which it begins. */
  readonly startOffset: number;
  readonly stop?: ChildSpec['stop'];
  readonly stripHigh?: boolean;
}

export interface SavedChild extends SavedStart {
  readonly pid: number;
  /** Names the process together with its pid (platform/proc.ts). */
  readonly startTime: string;
}

export interface SavedConsole {
  readonly name: string;
  readonly memo: string;
  readonly log?: LogSpec;
  /** The key of its terminal in the store; older holders derived it from the child. */
  readonly key?: string;
  /** At most one of the two. */
  readonly starting?: SavedStart;
  readonly child?: SavedChild;
  readonly end?: EndRecord;
}

export interface SavedFile extends SavedConsole {
  /** The slot of its offset among those of all consoles. */
  readonly slot: number;
}

type Fields = Readonly<Record<string, unknown>>;
type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const text = (value: unknown): boolean => typeof value === 'string';
const whole = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const yesNo = (value: unknown): boolean => typeof value === 'boolean';
const absent = (value: unknown): boolean => value === undefined;
const maybe = (fits: (value: unknown) => boolean) => (value: unknown) => absent(value) || fits(value);
const object = (shape: Shape) => (value: unknown) => misfit(value, shape) === undefined;
const listOf = (fits: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(fits);

const STOP = object({ steps: listOf(object({})), before: listOf(text) });
const START: Shape = { startedAt: whole, startOffset: whole, stop: maybe(STOP), stripHigh: maybe(yesNo) };
const STATUS = object({
  code: (value) => value === null || whole(value),
  signal: (value) => value === null || whole(value),
});

/** Fields not named here are from a later version, and ignored. */
const FILE: Shape = {
  name: text,
  memo: text,
  slot: whole,
  key: maybe(text),
  log: maybe(object({ path: text, keep: whole, compress: yesNo })),
  starting: maybe(object(START)),
  child: maybe(object({ ...START, pid: whole, startTime: text })),
  end: maybe(object({ pid: whole, status: STATUS, startedAt: whole, endedAt: whole, lastLines: listOf(text) })),
};

/** Parses the text of a file; throws with the mistake in it. */
export function readSaved(file: string): SavedFile {
  const value: unknown = JSON.parse(file);
  const wrong = misfit(value, FILE);
  if (wrong !== undefined) {
    throw new Error(wrong);
  }
  return value as SavedFile;
}

/** The first invalid field. */
function misfit(value: unknown, shape: Shape): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return 'it is not an object';
  }
  const wrong = Object.entries(shape).find(([name, fits]) => !fits((value as Fields)[name]));
  return wrong && `'${wrong[0]}' is missing or not as it should be`;
}
