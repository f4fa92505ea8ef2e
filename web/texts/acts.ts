/** Texts of actions on consoles: names, questions, progress. */
import { counted } from '../../src/model/counted.ts';
import type { WaitedVerb } from '../../src/model/verb-progress.ts';

const NAMES: Readonly<Record<WaitedVerb, string>> = {
  start: 'Start',
  stop: 'Stop',
  restart: 'Restart',
  hold: 'Hold',
  release: 'Release',
};

export const ACTS_TEXTS = {
  verb: NAMES,
  acts: 'Actions',
  /** An accessible name begins with the visible label. */
  hold: 'Hold: keep it down until released',

  lacks: (right: string, contact: string | undefined) =>
    `You need the right \`${right}\` for this${contact === undefined ? '' : `; ask ${contact}`}.`,
  lacksAll: (right: string, contact: string | undefined) =>
    `You need the right \`${right}\` for this, and have it on none of these${contact === undefined ? '' : `; ask ${contact}`}.`,
  isAway: 'The server is away.',
  isBusy: (what: string) => `Wait until this has finished: ${what}.`,
  notNow: (name: string, verb: WaitedVerb, condition: string) =>
    condition === 'held' && verb !== 'release'
      ? `${name} is held: release it first.`
      : verb === 'restart'
        ? `${name} is ${condition}: start it instead.`
        : `${name} is ${condition}.`,
  noneNow: (verb: WaitedVerb) => `There is nothing to ${verb} here.`,

  question: (verb: WaitedVerb, names: string) => `${NAMES[verb]} ${names}?`,
  consoles: (count: number, names: string) => `${counted(count, 'console')} (${names})`,
  what: {
    start: undefined,
    stop: 'Ends the process by its stop recipe. It stays down until someone starts it.',
    restart: 'Ends the process by its stop recipe, then starts it again.',
    hold: 'Keeps it down and shows everyone why, until the hold is released.',
    release: undefined,
  } satisfies Readonly<Record<WaitedVerb, string | undefined>>,
  leftOut: (count: number, verb: WaitedVerb) =>
    `${counted(count, 'selected console')} left out: nothing to ${verb} there.`,
  mayNot: (names: string) => `Will be refused, as you lack the right: ${names}.`,
  writers: (names: string) => `Keyboard in use: ${names}.`,
  writer: (who: string, name: string) => `${who} on ${name}`,
  reason: 'Reason',
  reasonNeeded: 'Required by the access rule.',
  reasonAsked: 'Optional; shown in the history.',
  reasonOfHold: 'Shown to everyone while it is held.',
  holdEnd: 'Until',
  holdEnds: {
    release: 'someone releases it',
    '30': '30 minutes from now',
    '60': '1 hour from now',
    '120': '2 hours from now',
    '240': '4 hours from now',
    '480': '8 hours from now',
    '1440': '1 day from now',
    at: 'a set time',
  },
  holdTime: 'Time',
  hasPassed: 'This time has passed.',
  cancel: 'Cancel',

  pick: (name: string) => `Select ${name}`,
  pickAll: 'Select all shown',
  chosen: 'Selected consoles',
  chosenCount: (count: number, hidden: number) =>
    `${count} selected${hidden > 0 ? `, ${hidden} of them not shown` : ''}`,
  side: 'Side by side',
  log: 'Their logs',
  chooseAll: (count: number) => `Select all ${count} shown`,
  clear: 'Clear selection',

  runTitle: (verb: WaitedVerb, count: number) => `${NAMES[verb]} ${counted(count, 'console')}`,
  run: 'Progress',
  one: (verb: WaitedVerb, what: string) => `${NAMES[verb]}: ${what}`,
  step: { waits: 'waiting', asked: 'requested', 'under way': 'in progress', done: 'done', left: 'cancelled' },
  late: (why: string) => why,
  refused: (why: string) => `refused: ${why}`,
  failed: (why: string) => `failed: ${why}`,
  counts: {
    done: 'done',
    refused: 'refused',
    failed: 'failed',
    late: 'not as expected',
    'under way': 'in progress',
    asked: 'requested',
    waits: 'waiting',
    left: 'cancelled',
  },
  moreSteps: (count: number) => `and ${count} more`,
  leave: 'Cancel the rest',
  chooseUndone: (count: number) => `Select the ${count} not done`,
  close: 'Close',
  isOther: (condition: string) => `skipped: it is ${condition} now`,
  unknown: 'the server has not answered: it may still have been done',
  isGone: 'the console was removed',
  notReady: (what: string | undefined) => `up, but not ready in time${what === undefined ? '' : `: ${what}`}`,
  hasEnded: (condition: string) => `ended again, now ${condition}`,
} as const;
