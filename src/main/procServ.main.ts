/** The procServ personality: holder and server of one child in one process. */
import { closeSync, constants, openSync } from 'node:fs';
import { handOver, serves, takeOver } from '../cli/procserv/daemon.ts';
import { infoText, type OpenEndpoints, openEndpoints, StartRefused } from '../cli/procserv/endpoints.ts';
import { helpText } from '../cli/procserv/options.ts';
import { type ProcServCommand, parseProcServ } from '../cli/procserv/parse.ts';
import { systemClock as clock } from '../platform/clock.ts';
import { giveBackWhenIdle } from '../platform/idle-memory.ts';
import { adoptListening } from '../platform/listen.ts';
import { native } from '../platform/native.ts';
import { OwnFile } from '../platform/own-file.ts';
import { Notifier } from '../systemd/notify.ts';
import { serveProcServ } from './procserv-server.ts';
import { PROCSERV_VERSION } from './version.ts';

const [, , argv0 = 'procServ', ...words] = process.argv;

function refuse(status: number, text: string): never {
  process.stderr.write(text);
  process.exit(status);
}

/** Writes a file about us; a file that cannot be written is no reason not to run (reference procserv.md 1, errors). */
function tell(path: string | undefined, text: string, what: string): OwnFile | undefined {
  if (path === undefined) {
    return undefined;
  }
  try {
    return OwnFile.write(path, text);
  } catch {
    process.stderr.write(`${argv0}: unable to open ${what} file ${path}\n`);
    return undefined;
  }
}

function tellAll(command: ProcServCommand, endpoints: OpenEndpoints): OwnFile[] {
  const files = [
    tell(command.pidFile, `${process.pid}\n`, 'PID'),
    tell(command.infoFile, infoText(process.pid, endpoints), 'info'),
  ];
  return files.filter((file) => file !== undefined);
}

/** To see whether the log can be opened, without a wait for the reader of a FIFO. */
const LOG_FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/** What the caller of a daemon gets to know; the daemon itself has nobody to tell. */
async function startDaemon(command: ProcServCommand, endpoints: OpenEndpoints): Promise<void> {
  if (command.logFile !== undefined && command.logFile !== '-') {
    try {
      closeSync(openSync(command.logFile, LOG_FLAGS, 0o644));
    } catch {
      process.stderr.write(`${argv0}: unable to open log file ${command.logFile}\n`);
    }
  }
  let pid: number;
  try {
    pid = await handOver(endpoints, [argv0, ...words]);
  } catch (error) {
    for (const { unlink } of [...endpoints.control, ...(endpoints.log ? [endpoints.log] : [])]) {
      unlink();
    }
    refuse(1, `${argv0}: ${(error as Error).message}\n`);
  }
  if (!command.quiet) {
    process.stderr.write(`${argv0}: spawning daemon process: ${pid}\n`);
    if (command.logFile === undefined) {
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
        process.stdout.write(helpText());
      }
      refuse(1, `${command.bare ? '' : `${argv0}: `}${command.message}\n`);
  }
  const inherited = takeOver(adoptListening);
  let endpoints = inherited;
  if (endpoints === undefined) {
    for (const warning of command.warnings) {
      process.stderr.write(`${argv0}: ${warning}\n`);
    }
    try {
      endpoints = openEndpoints(command, argv0);
    } catch (error) {
      if (error instanceof StartRefused) {
        refuse(error.status, error.message);
      }
      throw error;
    }
    if (!command.foreground) {
      void startDaemon(command, endpoints);
      return;
    }
  }
  process.title = ['procServ', ...words].join(' ');
  const manager = Notifier.take(process.env, native.sendDatagram, clock);
  serveProcServ(command, argv0, endpoints, tellAll(command, endpoints), manager);
  giveBackWhenIdle();
  if (inherited) {
    serves();
  }
}

main();
