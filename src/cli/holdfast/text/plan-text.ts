/** A plan as text. */
import type { PlanResult, VersionInfo } from '../../../model/api.ts';
import type { ConfigProblem, FailedStep, PlanStep, ServerChange } from '../../../model/config.ts';
import { problemText } from '../../../model/config-problem.ts';
import { counted } from '../../../model/counted.ts';
import {
  entryText,
  failedText,
  type PlanAct,
  planEntries,
  serverChangeText,
  unopenedText,
} from '../../../model/plan-text.ts';
import type { Context } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { clean } from './display.ts';
import { tell } from './folded.ts';
import { paint } from './styles.ts';

const SIGN = { add: '+', remove: '-', change: '~', replace: '~' } as const;
const STYLE = { add: 'green', remove: 'red', change: 'yellow', replace: 'yellow' } as const;

/** One line per console: removed and added means another console of the same name. */
export function stepLines(steps: readonly PlanStep[], color: boolean): readonly string[] {
  return planEntries(steps).map((entry) => line(entry.act, entry.console, entryText(entry), color));
}

function line(act: PlanAct, subject: string, text: string, color: boolean): string {
  return `${paint(color, STYLE[act], `${SIGN[act]} ${clean(subject)}`)}: ${clean(text)}`;
}

/** `+ vac-01: not added: why not`. */
export function failedLine(step: FailedStep, color: boolean): string {
  return line(step.action, step.console, failedText(step), color);
}

/** `service`: the systemd unit of the server, for changes that wait for a restart. */
export function serverLine(change: ServerChange, color: boolean, service?: VersionInfo['service']): string {
  return line('change', '[server]', serverChangeText(change, service), color);
}

export function problemLine(problem: ConfigProblem): string {
  return clean(problemText(problem));
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
    io.err(unopened.map((each) => `${clean(unopenedText(each))}\n`).join(''));
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
