/** The procServ personality: holder and server of one child in one process. */
import { handOver, serves, takeOver } from '../cli/procserv/daemon.ts';
import { infoText, type OpenEndpoints, openEndpoints, StartRefused } from '../cli/procserv/endpoints.ts';
import { helpText, USAGE } from '../cli/procserv/options.ts';
import { type ProcServCommand, parseProcServ } from '../cli/procserv/parse.ts';
import { systemClock as clock } from '../platform/clock.ts';
import { giveBackWhenIdle } from '../platform/idle-memory.ts';
import { adoptListening } from '../platform/listen.ts';
import { native } from '../platform/native.ts';
import { OwnFile } from '../platform/own-file.ts';
import { showAs } from '../platform/process-title.ts';
import { Notifier } from '../systemd/notify.ts';
import { serveProcServ } from './procserv-server.ts';
import { PROCSERV_VERSION } from './version.ts';

const [, , argv0 = 'procServ', ...words] = process.argv;

function refuse(status: number, text: string): never {
  process.stderr.write(text);
  process.exit(status);
}

type Complain = (message: string) => void;

/** Writes a file about us; a file that cannot be written is no reason not to run (reference procserv.md 1, errors). */
function tell(path: string | undefined, text: string, what: string, complain: Complain): OwnFile | undefined {
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
    tell(command.pidFile, `${process.pid}\n`, 'PID', complain),
    tell(command.infoFile, infoText(process.pid, endpoints), 'info', complain),
  ];
  return files.filter((file) => file !== undefined);
}

const complainAloud: Complain = (message) => void process.stderr.write(`${argv0}: ${message}\n`);

/** Starts the daemon, and says for it what its caller should know. */
async function startDaemon(command: ProcServCommand, endpoints: OpenEndpoints): Promise<void> {
  const daemon = await handOver(endpoints, [argv0, ...words]).catch((error: Error) => {
    for (const { unlink } of [...endpoints.control, ...(endpoints.log ? [endpoints.log] : [])]) {
      unlink();
    }
    return refuse(1, `${argv0}: ${error.message}\n`);
  });
  daemon.complaints.forEach(complainAloud);
  if (!command.quiet) {
    process.stderr.write(`${argv0}: spawning daemon process: ${daemon.pid}\n`);
    if (!daemon.logs) {
      const nor = command.log ? '' : ' and no port for log connections';
      process.stderr.write(`Warning: No log file${nor} specified.\n`);
    }
  }
}

function main(): void {
  const command = parseProcServ(words, process.env);
  switch (command.verb) {
    case 'help':
      process.stdout.write(helpText());
      return;
    case 'version':
      process.stdout.write(`${PROCSERV_VERSION}\n`);
      return;
    case 'error':
      if (command.usage) {
        process.stdout.write(USAGE);
      }
      refuse(1, `${command.bare ? '' : `${argv0}: `}${command.message}\n`);
  }
  const inherited = takeOver(adoptListening);
  let endpoints = inherited;
  if (endpoints === undefined) {
    command.warnings.forEach(complainAloud);
    try {
      endpoints = openEndpoints(command, argv0);
    } catch (error) {
      if (error instanceof StartRefused) {
        refuse(error.status, error.message);
      }
      throw error;
    }
    if (!command.foreground && !command.debug) {
      void startDaemon(command, endpoints);
      return;
    }
  }
  showAs(argv0, words);
  const manager = Notifier.take(process.env, native.sendDatagram, clock);
  const complaints: string[] = [];
  const complain = inherited ? (message: string) => void complaints.push(message) : complainAloud;
  const files = tellAll(command, endpoints, complain);
  const { logs } = serveProcServ({ command, argv0, endpoints, files, manager, complain });
  giveBackWhenIdle();
  if (inherited) {
    serves({ complaints, logs });
  }
}

main();
