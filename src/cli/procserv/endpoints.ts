/** Opens the endpoints of a procServ command line, and describes them to others (spec/procserv.md 1, 2, 8). */
import { constants } from 'node:os';
import { ListenError, type Listening } from '../../platform/net/listen.ts';
import { openEndpoint, UnknownOwner } from '../../platform/net/open-endpoint.ts';
import type { NamedEndpoint, ProcServCommand } from './parse.ts';

export interface OpenEndpoints {
  readonly control: readonly Listening[];
  readonly log: Listening | undefined;
}

/** Why the start fails: exit status and the complete lines for standard error. */
export class StartRefused extends Error {
  readonly status: number;
  constructor(status: number, lines: readonly string[]) {
    super(lines.map((line) => `${line}\n`).join(''));
    this.status = status;
  }
}

/** Opens all endpoints, control ones first, in the order of the command line; none stays open if one fails. */
export function openEndpoints(command: ProcServCommand, argv0: string): OpenEndpoints {
  const opened: Listening[] = [];
  const open = (named: NamedEndpoint, kind: 'control' | 'log'): Listening => {
    try {
      const listening = openEndpoint(named.endpoint);
      opened.push(listening);
      return listening;
    } catch (error) {
      for (const each of opened) {
        each.unlink();
      }
      throw error instanceof UnknownOwner
        ? new StartRefused(1, [error.message])
        : refusal(named, kind, argv0, error as Error & { code?: string });
    }
  };
  const control = command.control.map((named) => open(named, 'control'));
  return { control, log: command.log && open(command.log, 'log') };
}

function refusal(named: NamedEndpoint, kind: string, argv0: string, error: Error & { code?: string }): StartRefused {
  const errno = (constants.errno as Record<string, number>)[error.code ?? ''] ?? 1;
  const detail = error instanceof ListenError ? error.message : `${named.spec}: ${error.message}`;
  return new StartRefused(errno, [
    `Caught an exception creating the initial ${kind} telnet port: ${detail}`,
    `${argv0}: Exiting with error code: ${errno}`,
  ]);
}

/** How the info file and PROCSERV_INFO name an endpoint. */
export function addressOf({ endpoint }: Listening): string {
  if (endpoint.kind === 'unix') {
    return `unix:${endpoint.path}`;
  }
  return endpoint.family === 6 ? `tcp:[${endpoint.host}]:${endpoint.port}` : `tcp:${endpoint.host}:${endpoint.port}`;
}

/** The text of the info file: newest endpoint first (spec/procserv.md 8). */
export function infoText(pid: number, { control, log }: OpenEndpoints): string {
  const addresses = [...(log ? [log] : []), ...control.toReversed()].map(addressOf);
  return [`pid:${pid}`, ...addresses].map((line) => `${line}\n`).join('');
}

/** The value of PROCSERV_INFO for the child (spec/procserv.md 1.3). */
export function infoVariable(pid: number, { control, log }: OpenEndpoints): string {
  const ends = [
    ...(log ? [`LOG=${addressOf(log)}`] : []),
    ...control.toReversed().map((end) => `CTL=${addressOf(end)}`),
  ];
  return [`PID=${pid}`, ...ends].join(';');
}
