/** How each verb on a console is done, once it is known that it may be. */
import type { ConsoleConfig } from '../model/config.ts';
import type { Act, BreakLine, ConsoleActs, ConsoleVerb, ProcessActs } from '../model/console-acts.ts';
import type { Note } from '../model/events.ts';
import type { Principal } from '../model/principal.ts';
import { ctime } from '../platform/ctime.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { LogMarks } from './log-marks.ts';
import type { ProcessConsole } from './process-console.ts';
import type { SessionRegistry } from './session-registry.ts';

/** The part of `HostConsole` in use. */
export interface ActedConsole {
  readonly config: Pick<ConsoleConfig, 'log'>;
  readonly supervised: ProcessConsole;
  readonly registry: SessionRegistry;
  readonly log: LogMarks;
  readonly clock: Clock;
  stop(by: Principal): void;
  signal(signal: number, by: Principal): void;
  toggleFlow(): boolean | undefined;
  /** A break of the line itself; absent where the source has none. */
  readonly sendBreak: BreakLine['sendBreak'] | undefined;
  /** Something for the history. */
  noted(note: Note, by: Principal): void;
}

type Doer<V extends ConsoleVerb, On> = (
  on: On,
  by: Principal,
  ...how: Parameters<ConsoleActs[V]>
) => ReturnType<ConsoleActs[V]>;

type Table<Verbs extends ConsoleVerb, On> = { readonly [V in Verbs]: Doer<V, On> };

const PROCESS_ACTS: Table<keyof ProcessActs, ProcessConsole> = {
  start: ({ supervisor }, by) => {
    supervisor.release(by);
    supervisor.start(by);
  },
  stop: ({ supervisor }, by) => supervisor.stop(by),
  signal: (process, by, signal) => process.signal(signal, by),
  mode: (process, by, mode) => process.setMode(mode, by),
};

// Every verb of the interface: one without a row in `VERBS` does not compile.
const ACTS: Table<keyof ConsoleActs, ActedConsole> = {
  start: ({ supervised }, by) => PROCESS_ACTS.start(supervised, by),
  stop: (console, by) => console.stop(by),
  signal: (console, by, signal) => console.signal(signal, by),
  mode: ({ supervised }, by, mode) => PROCESS_ACTS.mode(supervised, by, mode),
  break: (console, by, name, sequence, play) => {
    const { log, sendBreak, supervised } = console;
    log.mark('breaks', `break #${name} sent -- \`${sequence}'`);
    console.noted({ what: 'break', name, sequence }, by);
    const write = (bytes: Uint8Array): boolean => {
      supervised.type(bytes);
      return !supervised.full;
    };
    return play({ write, ...(sendBreak && { sendBreak }) });
  },
  note: (console, by, text, shown) => {
    if (console.config.log?.marks) {
      console.log.mark('always', shown);
    } else {
      console.supervised.say(`\r\n[-- ${shown} -- ${ctime(console.clock.now())}]\r\n`);
    }
    console.noted({ text }, by);
  },
  flow: (console) => console.toggleFlow(),
  switchLog: (console, by, why) => {
    const { log } = console;
    log.setOn(!log.on, why);
    console.noted({ text: `its log is switched ${log.on ? 'on' : 'off'}` }, by);
  },
  runTask: (console, by, start) =>
    start((text) => {
      console.log.mark('tasks', text);
      console.noted({ text }, by);
    }),
  tell: ({ registry }, _by, sessions, text) => {
    for (const { info, tell } of registry.entries) {
      if (sessions.includes(info.id)) {
        tell(text);
      }
    }
  },
};

/** The recorded arguments, by verb. */
const NAMES: Readonly<Partial<Record<ConsoleVerb, readonly string[]>>> = {
  ...{ signal: ['signal'], mode: ['mode'], break: ['name', 'sequence'], note: ['text'], switchLog: ['why'] },
};

export function detailsOf(verb: ConsoleVerb, how: readonly unknown[]): Readonly<Record<string, unknown>> | undefined {
  return NAMES[verb] && Object.fromEntries(NAMES[verb].map((name, index) => [name, how[index]]));
}

/** Of a console of a host, once it is known that this may be. */
export function actOnConsole<V extends ConsoleVerb>(
  console: ActedConsole,
  by: Principal,
  verb: V,
  ...how: Parameters<ConsoleActs[V]>
): ReturnType<ConsoleActs[V]> {
  return (ACTS[verb] as Doer<V, ActedConsole>)(console, by, ...how);
}

/** Of a process that is on no host: nobody asks for rights there. */
export function actOnProcess(process: ProcessConsole): Act {
  const table: Partial<Table<ConsoleVerb, ProcessConsole>> = PROCESS_ACTS;
  return (by, verb, ...how) => {
    const act = table[verb] as Doer<typeof verb, ProcessConsole> | undefined;
    if (!act) {
      throw new Error(`a process without a host has no ${verb}`);
    }
    return act(process, by, ...how);
  };
}
