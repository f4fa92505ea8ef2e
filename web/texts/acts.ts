/** What is said about acts on consoles: their names, questions, and what comes of them. */
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
  acts: 'Acts',
  /** A name begins with what is seen. */
  hold: 'Hold: keep it down until it is released',

  lacks: (right: string, contact: string | undefined) =>
    `It takes the right \`${right}\`, which you do not have${contact === undefined ? '' : `; ask ${contact}`}.`,
  lacksAll: (right: string, contact: string | undefined) =>
    `It takes the right \`${right}\`, which you have on none of these${contact === undefined ? '' : `; ask ${contact}`}.`,
  isAway: 'The server is away.',
  isBusy: (what: string) => `Not while this goes on: ${what}.`,
  notNow: (name: string, verb: WaitedVerb, condition: string) =>
    condition === 'held' && verb !== 'release'
      ? `${name} is held: release it first.`
      : verb === 'restart'
        ? `${name} is ${condition}: start it.`
        : `${name} is ${condition}.`,
  noneNow: (verb: WaitedVerb) => `As they are now, ${verb} changes nothing on any of them.`,

  question: (verb: WaitedVerb, names: string) => `${NAMES[verb]} ${names}?`,
  consoles: (count: number, names: string) => `${counted(count, 'console')} (${names})`,
  what: {
    start: undefined,
    stop: 'What runs is ended by its recipe, and stays down until somebody starts it.',
    restart: 'What runs is ended by its recipe, and started again.',
    hold: 'It stays down, says why to everybody, and comes back when it is released.',
    release: undefined,
  } satisfies Readonly<Record<WaitedVerb, string | undefined>>,
  leftOut: (count: number, verb: WaitedVerb) =>
    `${counted(count, 'console')} of those that are chosen ${count === 1 ? 'is' : 'are'} left out: as ${count === 1 ? 'it is' : 'they are'} now, ${verb} changes nothing.`,
  mayNot: (names: string) => `Will be refused, for lack of the right: ${names}.`,
  writers: (names: string) => `Somebody has the keyboard: ${names}.`,
  writer: (who: string, name: string) => `${who} on ${name}`,
  reason: 'Reason',
  reasonNeeded: 'The rule that gives this right asks for a reason.',
  reasonAsked: 'Shown in the events. It may be empty.',
  reasonOfHold: 'Shown to everybody, also at night.',
  holdEnd: 'Until',
  holdEnds: {
    release: 'somebody releases it',
    '30': '30 minutes from now',
    '60': '1 hour from now',
    '120': '2 hours from now',
    '240': '4 hours from now',
    '480': '8 hours from now',
    '1440': '1 day from now',
    at: 'a time',
  },
  holdTime: 'Time',
  hasPassed: 'That has passed.',
  cancel: 'Cancel',

  pick: (name: string) => `Choose ${name}`,
  pickAll: 'Choose all that are shown',
  chosen: 'Chosen consoles',
  chosenCount: (count: number, hidden: number) => `${count} chosen${hidden > 0 ? `, ${hidden} of them not shown` : ''}`,
  side: 'Side by side',
  log: 'Their logs',
  chooseAll: (count: number) => `Choose all ${count} shown`,
  clear: 'Choose none',

  runTitle: (verb: WaitedVerb, count: number) => `${NAMES[verb]} ${counted(count, 'console')}`,
  run: 'What comes of it',
  one: (verb: WaitedVerb, what: string) => `${NAMES[verb]}: ${what}`,
  step: { waits: 'waits', asked: 'asked', 'under way': 'under way', done: 'done', left: 'not asked for' },
  late: (why: string) => why,
  refused: (why: string) => `refused: ${why}`,
  failed: (why: string) => `failed: ${why}`,
  counts: {
    done: 'done',
    refused: 'refused',
    failed: 'failed',
    late: 'not as wanted',
    'under way': 'under way',
    asked: 'asked',
    waits: 'waiting',
    left: 'not asked for',
  },
  moreSteps: (count: number) => `and ${count} more`,
  leave: 'Ask for no more',
  chooseUndone: (count: number) => `Choose the ${count} not done`,
  close: 'Close',
  isOther: (condition: string) => `left out: it is ${condition} by now`,
  unknown: 'the server has not answered: it may have been done all the same',
  isGone: 'the console was removed',
  notReady: (what: string | undefined) => `up, but not ready in time${what === undefined ? '' : `: ${what}`}`,
  hasEnded: (condition: string) => `it has ended since, and is ${condition}`,
} as const;
