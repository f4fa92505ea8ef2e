/** The procServ personality: holder and server of one child in one process. */
import { Daemon } from '../cli/procserv/daemon.ts';
import { infoText, type OpenEndpoints, openEndpoints, StartRefused } from '../cli/procserv/endpoints.ts';
import { helpText, USAGE } from '../cli/procserv/options.ts';
import { type ProcServCommand, parseProcServ } from '../cli/procserv/parse.ts';
import { bytesOf } from '../model/byte-text.ts';
import { PROCSERV_VERSION } from '../model/version.ts';
import { typedWords } from '../platform/files/byte-names.ts';
import { OwnFile } from '../platform/files/own-file.ts';
import { native } from '../platform/native.ts';
import { bearClosedReaders } from '../platform/process/closed-readers.ts';
import { complain as say } from '../platform/process/complain.ts';
import { releaseMemoryWhenIdle } from '../platform/process/idle-memory.ts';
import { showAs } from '../platform/process/process-title.ts';
import { systemClock as clock } from '../platform/time/clock.ts';
import { Notifier } from '../systemd/notify.ts';
import { serveProcServ } from './procserv-server.ts';

const [argv0 = 'procServ', ...words] = typedWords();

function refuse(status: number, text: string): never {
  process.stderr.write(bytesOf(text));
  process.exit(status);
}

type Complain = (message: string) => void;

/** Writes a file about us; a failure does not prevent running (spec/procserv.md 1.4). */
function write(path: string | undefined, text: string, what: string, complain: Complain): OwnFile | undefined {
  if (path === undefined) {
    return undefined;
  }
  try {
    return OwnFile.write(path, text);
  } catch {
    complain(`unable to open ${what} file ${path}`);
    return undefined;
  }
}

function tellAll(command: ProcServCommand, endpoints: OpenEndpoints, complain: Complain): OwnFile[] {
  const files = [
    write(command.pidFile, `${process.pid}\n`, 'PID', complain),
    write(command.infoFile, infoText(process.pid, endpoints), 'info', complain),
  ];
  return files.filter((file) => file !== undefined);
}

const complain: Complain = (message) => say(`${argv0}: ${message}\n`);

/** The message of a daemon when it serves. */
function introduce(command: ProcServCommand, logs: boolean): void {
  if (!command.quiet) {
    say(`${argv0}: spawning daemon process: ${process.pid}\n`);
    if (!logs) {
      const nor = command.log ? '' : ' and no port for log connections';
      say(`Warning: No log file${nor} specified.\n`);
    }
  }
}

function open(command: ProcServCommand): OpenEndpoints {
  try {
    return openEndpoints(command, argv0);
  } catch (error) {
    if (error instanceof StartRefused) {
      refuse(error.status, error.message);
    }
    throw error;
  }
}

function main(): void {
  const daemon = Daemon.take();
  const command = parseProcServ(words, process.env);
  switch (command.verb) {
    case 'help':
      bearClosedReaders();
      process.stdout.write(helpText());
      return;
    case 'version':
      bearClosedReaders();
      process.stdout.write(`${PROCSERV_VERSION}\n`);
      return;
    case 'error':
      if (command.usage) {
        process.stdout.write(USAGE);
      }
      refuse(1, `${command.bare ? '' : `${argv0}: `}${command.message}\n`);
  }
  const stays = command.foreground || command.debug;
  if (stays) {
    daemon?.toForeground();
  } else if (!daemon) {
    Daemon.start(argv0, words);
  }
  command.warnings.forEach(complain);
  const endpoints = open(command);
  showAs(argv0, words);
  const manager = Notifier.take(process.env, native.sendDatagram, clock);
  const tell = () => tellAll(command, endpoints, complain);
  const { logs } = serveProcServ({ command, argv0, endpoints, tell, manager, complain });
  releaseMemoryWhenIdle();
  if (daemon) {
    introduce(command, logs);
    daemon.serves();
  }
}

main();
