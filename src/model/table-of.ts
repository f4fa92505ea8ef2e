/** The form of a table whose keys are names. TypeBox's own `Record` brings its whole engine of types along (120 kB). */
import { RecordFromPattern, type TObjectOptions, type TRecord, type TSchema } from 'typebox';

export const ANY_NAME = '^.*$';

/** `pattern` is a regular expression that names match as a whole. */
export function TableOf<S extends TSchema>(
  pattern: string,
  value: S,
  options: TObjectOptions = {},
): TRecord<string, S> {
  return Object.assign(RecordFromPattern(pattern, value), options);
}
