import type { TestContext } from 'node:test';

type Action = () => unknown;

const stacks = new WeakMap<TestContext, Action[]>();

/**
 * What undoes something of this test, whether it passes or not: the last one first, so that a folder goes after what was
 * opened in it, and each of them, whatever another one throws. (`t.after` has the first one first, and leaves out the rest
 * when one throws.)
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
