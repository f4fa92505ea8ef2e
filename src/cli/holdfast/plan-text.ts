/** What a configuration would change, for people. */
import type { ConfigProblem, PlanStep } from '../../model/config.ts';
import type { Context } from './command.ts';
import type { Plan } from './control-client.ts';
import { clean } from './display.ts';
import { EXIT } from './exit-codes.ts';
import { paint } from './styles.ts';

const SIGN = { add: '+', remove: '-', change: '~' } as const;
const STYLE = { add: 'green', remove: 'red', change: 'yellow' } as const;

export function stepLine(step: PlanStep, color: boolean): string {
  const what =
    step.action === 'change'
      ? `${step.keys.map(clean).join(', ')} (${step.effect === 'live' ? 'takes effect at once' : 'with its next start'})`
      : step.action === 'add'
        ? 'new'
        : 'no longer configured: will be stopped';
  return `${paint(color, STYLE[step.action], `${SIGN[step.action]} ${clean(step.console)}`)}: ${what}`;
}

export function problemLine(problem: ConfigProblem): string {
  return `${clean(problem.file)}:${problem.line}: ${clean(problem.key)}: ${clean(problem.message)}`;
}

/** Prints a plan and gives its exit code: 0 nothing to do, 2 changes, 78 problems. */
export function report(context: Context, plan: Plan, done: boolean): number {
  const { io, values } = context;
  const { steps, problems } = plan;
  if (values.json) {
    io.out(`${JSON.stringify({ applied: done && problems.length === 0, steps, problems }, undefined, 2)}\n`);
  } else if (problems.length > 0) {
    io.err(problems.map((problem) => `${problemLine(problem)}\n`).join(''));
    io.err(`${problems.length} problem(s); nothing was applied\n`);
  } else if (steps.length === 0) {
    io.out('Nothing to do: what runs is what the files say.\n');
  } else {
    io.out(steps.map((step) => `${stepLine(step, io.color)}\n`).join(''));
    io.out(
      done ? `${steps.length} change(s) applied.\n` : `${steps.length} change(s); 'holdfast reload' applies them.\n`,
    );
  }
  return problems.length > 0 ? EXIT.config : steps.length > 0 ? EXIT.changes : EXIT.ok;
}
