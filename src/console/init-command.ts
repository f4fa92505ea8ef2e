/**
 * The command that prepares a source after each start (`init`). Until it ends it alone talks to the source: its standard input gets the
 * output, and what it writes is typed.
 */
import type { Backend } from '../model/backend.ts';
import { bytesOf } from '../model/byte-text.ts';
import type { ConsoleConfig } from '../model/config.ts';
import type { Facts, Told } from '../model/events.ts';
import { exitText } from '../model/exit-text.ts';
import type { ExitStatus } from '../model/process.ts';
import { SIGHUP } from '../model/signals.ts';
import { type Identity, identityOf } from '../platform/process/run-as.ts';
import { runShell, type ShellCommand } from '../platform/process/shell-command.ts';
import type { LogMarks } from './log-marks.ts';
import type { ProcessConsole } from './process-console.ts';

export interface InitCommandParts {
  readonly config: () => Pick<ConsoleConfig, 'init' | 'source'>;
  readonly backend: Pick<Backend, 'childStart' | 'read' | 'stream'>;
  readonly supervised: Pick<ProcessConsole, 'full' | 'initializing' | 'whenRoom' | 'forget' | 'write'>;
  readonly log: Pick<LogMarks, 'mark'>;
  readonly event: (event: Facts | Told) => void;
}

type Command = NonNullable<ConsoleConfig['init']>;

export class InitCommand {
  readonly #parts: InitCommandParts;
  /** The output from before the start on: none of it may be missing. */
  #lease: Lease | undefined;
  /** Ends the one that runs, or is about to. */
  #end: (() => void) | undefined;

  constructor(parts: InitCommandParts) {
    this.#parts = parts;
  }

  /** The source is about to start. */
  prepare(): void {
    if (this.#parts.config().init) {
      this.#lease ??= new Lease(this.#parts.backend);
    }
  }

  /** The source is up. */
  begin(): void {
    const { backend, config, supervised } = this.#parts;
    const { init, source } = config();
    const lease = this.#lease;
    if (!init || !lease) {
      return;
    }
    this.#lease = undefined;
    const from = source.kind === 'run' ? backend.childStart : lease.head;
    const run = new Run(this.#parts);
    this.#end = () => run.end();
    supervised.initializing = true;
    void run.start(init, lease, from).finally(() => {
      lease.release();
      if (!run.over) {
        this.#end = undefined;
        supervised.initializing = false;
      }
    });
  }

  /** The source is down, or did not come up. */
  stop(): void {
    this.#lease?.release();
    this.#lease = undefined;
    this.#end?.();
    this.#end = undefined;
    this.#parts.supervised.initializing = false;
  }
}

class Lease {
  readonly ready: Promise<void>;
  readonly #stream: Backend['stream'];
  #release: (() => void) | undefined;
  #over = false;

  constructor(backend: Pick<Backend, 'read' | 'stream'>) {
    this.#stream = backend.stream;
    this.ready = backend.read().then((release) => {
      this.#release = release;
      if (this.#over) {
        release();
      }
    });
  }

  /** The offset of what comes now; undefined: not known yet. */
  get head(): number | undefined {
    return this.#release && this.#stream.ring.head;
  }

  release(): void {
    this.#over = true;
    this.#release?.();
  }
}

/** The command for one life of the source. */
class Run {
  readonly #parts: InitCommandParts;
  #shell: ShellCommand | undefined;
  /** The source is down. */
  over = false;

  constructor(parts: InitCommandParts) {
    this.#parts = parts;
  }

  /** Resolves when the command has ended, or could not be started. */
  async start(command: Command, lease: Lease, from: number | undefined): Promise<void> {
    const { event, log } = this.#parts;
    try {
      const [identity] = await Promise.all([whoRuns(command), lease.ready]);
      if (!this.over) {
        const { pid, status } = await this.#run(command, identity, from);
        if (!this.over) {
          log.mark('activity', 'initcmd terminated');
        }
        event({ type: 'note', what: 'init', pid, reason: exitText(status) });
      }
    } catch (error) {
      event({ type: 'note', text: `its init command does not run: ${(error as Error).message}` });
    }
  }

  end(): void {
    this.over = true;
    this.#shell?.kill(SIGHUP);
  }

  async #run(
    { command }: Command,
    identity: Identity,
    from: number | undefined,
  ): Promise<{ pid: number; status: ExitStatus }> {
    const { backend, event, log, supervised } = this.#parts;
    const { stream } = backend;
    const { promise: ended, resolve } = Promise.withResolvers<ExitStatus>();
    const room = () => shell.pause(false);
    const type = (bytes: Uint8Array) => {
      if (!this.over) {
        supervised.write(bytes);
        if (supervised.full) {
          shell.pause(true);
          supervised.whenRoom(room);
        }
      }
    };
    const cmd = Buffer.from(bytesOf(command)).toString('latin1');
    const shell = runShell({ cmd, input: true, ...identity }, type, resolve, () => subscription.resume());
    this.#shell = shell;
    const { pid } = shell;
    log.mark('activity', 'initcmd started');
    event({ type: 'note', what: 'init', pid });
    const subscription = stream.subscribe(
      { write: (bytes) => shell.write(bytes), missed: () => undefined },
      from,
      true,
    );
    subscription.resume();
    const status = await ended;
    stream.leave(subscription);
    supervised.forget(room);
    return { pid, status };
  }
}

/** A command never runs as the server because its user is unknown. */
async function whoRuns(command: Command): Promise<Identity> {
  const identity = await identityOf(command);
  const { user, group } = command;
  if (
    process.geteuid?.() === 0 &&
    ((user !== undefined && identity.uid === undefined) || (group !== undefined && identity.gid === undefined))
  ) {
    throw new Error(
      `there is no ${identity.uid === undefined && user !== undefined ? `user ${user}` : `group ${group}`}`,
    );
  }
  return identity;
}
