/** What applying a configuration would change, as text. */
import type { PlanResult, UnopenedEndpoint, VersionInfo } from '../../../model/api.ts';
import type { ConfigProblem, FailedStep, PlanStep, ServerChange } from '../../../model/config.ts';
import { counted } from '../../../model/counted.ts';
import type { Context } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { clean } from './display.ts';
import { tell } from './folded.ts';
import { restartAdvice } from './restart-advice.ts';
import { paint } from './styles.ts';

const SIGN = { add: '+', remove: '-', change: '~' } as const;
const STYLE = { add: 'green', remove: 'red', change: 'yellow' } as const;

/** One line per console: removed and added means another console of the same name. */
export function stepLines(steps: readonly PlanStep[], color: boolean): readonly string[] {
  const namesOf = (wanted: PlanStep['action']) =>
    new Set(steps.filter(({ action }) => action === wanted).map(({ console }) => console));
  const [added, removed] = [namesOf('add'), namesOf('remove')];
  return steps.flatMap((step) => {
    const { action, console } = step;
    if (!added.has(console) || !removed.has(console)) {
      return [stepLine(step, color)];
    }
    const name = paint(color, STYLE.change, `${SIGN.change} ${clean(console)}`);
    return action === 'add' ? [] : [`${name}: another source: will be stopped and replaced`];
  });
}

function stepLine(step: PlanStep, color: boolean): string {
  const what =
    step.action === 'change'
      ? `${step.keys.map(clean).join(', ')} (${step.effect === 'live' ? 'takes effect at once' : 'with its next start'})`
      : step.action === 'add'
        ? 'new'
        : 'no longer configured: will be stopped';
  return `${paint(color, STYLE[step.action], `${SIGN[step.action]} ${clean(step.console)}`)}: ${what}`;
}

/** `+ vac-01: not added: why not`. */
export function failedLine({ action, console, reason }: FailedStep, color: boolean): string {
  const what = { add: 'not added', remove: 'not removed', change: 'not changed' }[action];
  return `${paint(color, STYLE[action], `${SIGN[action]} ${clean(console)}`)}: ${what}: ${clean(reason)}`;
}

/** `service`: the unit that the server is, for what waits for a restart. */
export function serverLine({ key, effect }: ServerChange, color: boolean, service?: VersionInfo['service']): string {
  const when =
    effect === 'live'
      ? 'takes effect at once'
      : `with the next start of the ${effect}: ${restartAdvice(effect, service)}`;
  return `${paint(color, STYLE.change, `${SIGN.change} [server]`)}: ${clean(key)} (${when})`;
}

export function problemLine(problem: ConfigProblem): string {
  const { file, line, column, key, message } = problem;
  const place = `${clean(file)}:${line}${column === undefined ? '' : `:${column}`}`;
  return `${place}: ${key === '' ? '' : `${clean(key)}: `}${clean(message)}`;
}

export function unopenedText({ console, endpoint, reason }: UnopenedEndpoint & { readonly console: string }): string {
  return `${clean(console)}: endpoint ${clean(endpoint)} is not open, and is tried again: ${clean(reason)}`;
}

/**
 * Prints a plan and gives its exit code: 0 nothing to do, 1 something could not be applied, 2 changes, 78 problems. A change that waits
 * for a restart does not count as applied. `instead`: the file that was compared in place of those of the server.
 */
export async function report(context: Context, plan: PlanResult, done: boolean, instead?: string): Promise<number> {
  const { client, io, values } = context;
  const { steps, failed = [], server, problems, warnings = [], unopened = [] } = plan;
  const count = steps.length + server.filter(({ effect }) => !done || effect === 'live').length;
  if (values.json) {
    const applied = done && problems.length + failed.length === 0;
    const answer = { applied, steps, failed, server, problems, warnings, unopened };
    io.out(`${JSON.stringify(answer, undefined, 2)}\n`);
  } else if (problems.length > 0) {
    io.err(problems.map((problem) => `${problemLine(problem)}\n`).join(''));
    io.err(`${counted(problems.length, 'mistake')}; nothing was applied\n`);
  } else {
    const service = server.some(({ effect }) => effect !== 'live') ? (await client.version()).service : undefined;
    const lines = [
      ...stepLines(steps, io.color),
      ...server.map((change) => serverLine(change, io.color, service)),
      ...(count === 0 && failed.length > 0 ? [] : [countLine(plan, count, done, instead)]),
    ];
    tell(io, lines);
    io.err(failed.map((each) => `${failedLine(each, io.color)}\n`).join(''));
    io.err(
      failed.length === 0 ? '' : `${counted(failed.length, 'change')} not applied: 'holdfast reload' tries again\n`,
    );
    io.err(warnings.map((warning) => `warning: ${problemLine(warning)}\n`).join(''));
    io.err(unopened.map((each) => `${unopenedText(each)}\n`).join(''));
  }
  return problems.length > 0 ? EXIT.config : failed.length > 0 ? EXIT.failed : count > 0 ? EXIT.changes : EXIT.ok;
}

function countLine({ server }: PlanResult, count: number, done: boolean, instead: string | undefined): string {
  if (count === 0) {
    const files = instead === undefined ? 'the files say' : `${clean(instead)} says`;
    return `Nothing to do${server.length === 0 ? `: the server runs what ${files}` : ' without a restart'}.`;
  }
  const changes = counted(count, 'change');
  if (instead !== undefined) {
    return `${changes}, if the server took ${clean(instead)} instead of its files.`;
  }
  return done ? `${changes} applied.` : `${changes}; 'holdfast reload' applies what needs no restart.`;
}
