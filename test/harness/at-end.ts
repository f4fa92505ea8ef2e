import type { TestContext } from 'node:test';

type Action = () => unknown;

const stacks = new WeakMap<TestContext, Action[]>();

/**
 * Registers a cleanup for this test, whether it passes or not. Cleanups run last one first, so that a folder is removed
 * after files opened in it are closed, and all of them run, even if one throws. (`t.after` runs the first one first,
 * and skips the rest if one throws.)
 */
export function atEnd(t: TestContext, action: Action): void {
  const known = stacks.get(t);
  if (known) {
    known.push(action);
    return;
  }
  const actions = [action];
  stacks.set(t, actions);
  t.after(async () => {
    const errors: unknown[] = [];
    for (let last = actions.pop(); last; last = actions.pop()) {
      try {
        await last();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) {
      throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'several things could not be closed');
    }
  });
}
