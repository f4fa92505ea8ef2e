/** The forms of values that the configuration schema is built from; `title` is what messages say is expected. */
import * as Type from 'typebox';

export const closed = { additionalProperties: false };

/** The entry of a key on the reference page. A default that depends on the machine is in the description. */
type Words = {
  readonly description: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
};

const DURATION = 'a duration (seconds, or a text such as "500ms", "5s", "10m", "2h", "7d")';
const SIZE = 'a size (bytes, or a text such as "64k", "10M", "1G")';
const MODE = 'an octal mode (a text such as "0660")';
const ADDRESS = 'an address (HOST:PORT, [IPV6]:PORT)';
export const CONSOLE_NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9_.:@+-]*$';
export const CONSOLE_NAME = {
  propertyNames: { title: 'letters, digits and _ . : @ + -, the first a letter or digit' },
};

export const Duration = (words: Words) =>
  Type.Union([Type.Number({ minimum: 0 }), Type.String({ pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$' })], {
    title: DURATION,
    ...words,
  });
export const Size = (words: Words) =>
  Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: '^\\d+(\\.\\d+)?[kKMG]?$' })], {
    title: SIZE,
    ...words,
  });
/** The word stands for none. */
export const Limit = (words: Words) =>
  Type.Union([...Size(words).anyOf, Type.Literal('unlimited')], { title: `${SIZE} or "unlimited"`, ...words });
export const Mode = (words: Words) => Type.String({ pattern: '^0?[0-7]{3}$', title: MODE, ...words });
export const Address = (words: Words) =>
  Type.String({ pattern: '^([^\\s:\\[\\]]+|\\[[0-9a-fA-F:.]+\\]):\\d{1,5}$', title: ADDRESS, ...words });
export const Path = (words: Words) => Type.String({ pattern: '^[^\\0]+$', title: 'a path', ...words });
export const Texts = (words: Words) => Type.Array(Type.String(), words);
