/** `%(name)s` and `%%` in the values of INI files, by the rules of Python's configparser. Pure. */

export type Interpolated =
  | { readonly text: string; readonly error?: never }
  | { readonly text?: never; readonly error: string };

const DEEPEST = 10;
/** Ten references in each of ten values that build on each other would ask for 10^10 characters. */
const MAX_LENGTH = 100_000;

class Refused extends Error {}

/** `find` gives the raw value of a name in lower case. */
export function interpolate(raw: string, find: (name: string) => string | undefined): Interpolated {
  try {
    return { text: expand(raw, find, 1, { left: MAX_LENGTH }) };
  } catch (error) {
    if (error instanceof Refused) {
      return { error: error.message };
    }
    throw error;
  }
}

function expand(
  raw: string,
  find: (name: string) => string | undefined,
  depth: number,
  budget: { left: number },
): string {
  if (depth > DEEPEST) {
    throw new Refused(`values that refer to each other more than ${DEEPEST} deep, or in a circle`);
  }
  budget.left -= raw.length;
  if (budget.left < 0) {
    throw new Refused(`the value becomes longer than ${MAX_LENGTH} characters`);
  }
  return raw.replace(/%(%|\(([^)]+)\)s)?/g, (whole, form: string | undefined, name: string | undefined, at: number) => {
    if (form === undefined) {
      const rest = raw.slice(at, at + 20);
      throw new Refused(`'%' begins a reference such as %(name)s; write %% for the character itself, at '${rest}'`);
    }
    if (name === undefined) {
      return '%';
    }
    const value = find(name.toLowerCase());
    if (value === undefined) {
      throw new Refused(`${whole} refers to '${name}', which neither this section nor [DEFAULT] has`);
    }
    return expand(value, find, depth + 1, budget);
  });
}
