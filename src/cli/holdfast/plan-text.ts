/** A plan, or what is wrong with a configuration, as `holdfast plan` and `holdfast reload` show it. */
import type { ConfigProblem, PlanStep } from '../../model/config.ts';

/** One line for each console, then the sum; lines end with `\n`. */
export function planText(steps: readonly PlanStep[]): string {
  if (steps.length === 0) {
    return 'Nothing to do: what runs is what the files say.\n';
  }
  const width = Math.max(...steps.map(({ console }) => console.length));
  const lines = steps.map((step) => `${sign(step)} ${step.console.padEnd(width)}  ${words(step)}`);
  return `${[...lines, '', sum(steps)].join('\n')}\n`;
}

/** Each problem as `FILE:LINE: KEY: MESSAGE`, then how many; lines end with `\n`. */
export function problemsText(problems: readonly ConfigProblem[]): string {
  const lines = problems.map(
    ({ file, line, key, message }) => `${file}:${line}: ${key === '' ? '' : `${key}: `}${message}`,
  );
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return `${[...lines, '', `${count}; nothing was changed.`].join('\n')}\n`;
}

function sign(step: PlanStep): string {
  return step.action === 'add' ? '+' : step.action === 'remove' ? '-' : '~';
}

function words(step: PlanStep): string {
  if (step.action !== 'change') {
    return step.action;
  }
  const when = step.effect === 'live' ? 'change at once' : 'change with the next start of its process';
  return `${when}: ${step.keys.join(', ')}`;
}

function sum(steps: readonly PlanStep[]): string {
  const count = (test: (step: PlanStep) => boolean) => steps.filter(test).length;
  const live = count((step) => step.action === 'change' && step.effect === 'live');
  const restart = count((step) => step.action === 'change' && step.effect === 'restart');
  const parts = [
    `${count(({ action }) => action === 'add')} to add`,
    `${count(({ action }) => action === 'remove')} to remove`,
    `${live} to change at once`,
    `${restart} to change with the next start`,
  ];
  return `${parts.join(', ')}.`;
}
