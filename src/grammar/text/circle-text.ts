/** Describes a cycle, for messages. Pure. */

/** Names of a cycle that a message shows; thousands would say no more. */
const SHOWN = 10;

/** `a -> b -> a`; of `path` only what stands from `from` on. */
export function circleText(path: readonly string[], from: number): string {
  const length = path.length - from;
  const names =
    length <= SHOWN
      ? path.slice(from)
      : [...path.slice(from, from + SHOWN - 1), `(${length - SHOWN} more)`, path.at(-1)];
  return [...names, path[from]].join(' -> ');
}
