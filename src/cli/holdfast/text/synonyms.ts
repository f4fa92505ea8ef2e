/** Names that people bring from other tools. */

/** Those that do the same as a command here. */
const SAME: ReadonlyMap<string, string> = new Map([
  ['list', 'ps'],
  ['ls', 'ps'],
  ['log', 'logs'],
  ['console', 'attach'],
]);

const ATTACH = "'holdfast attach NAME' looks at a console, with --write it takes the keyboard";
const EVENTS = "'holdfast events' is the history, 'holdfast logs NAME' the output of a console";

/** Those that may mean several: what to type. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ['connect', ATTACH],
  ['tail', "'holdfast logs -f NAME' follows a log, 'holdfast watch NAME ...' several consoles"],
  ['kill', "'holdfast stop NAME' stops a process by its recipe, 'holdfast signal NAME --signal KILL' sends a signal"],
  ['enable', "'holdfast release NAME' ends a hold, 'holdfast start NAME' starts a process"],
  ['disable', "'holdfast hold NAME --reason TEXT' stops a process and keeps it down"],
  ['shutdown', "'holdfast down' ends the server, with --all the processes too"],
  ['history', EVENTS],
  ['journal', EVENTS],
]);

/** The name of the command that is meant. */
export function commandName(typed: string): string {
  return SAME.get(typed) ?? typed;
}

export function synonymHint(typed: string): string | undefined {
  return HINTS.get(typed);
}

/** For the reference page. */
export const SYNONYMS: readonly (readonly [typed: string, name: string])[] = [...SAME];
