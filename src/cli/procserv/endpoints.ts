/** Opens the endpoints of a procServ command line, and names them for others (spec/procserv.md 1, 2, 8). */
import { constants } from 'node:os';
import type { Endpoint } from '../../model/endpoint.ts';
import { ListenError, type Listening, listenOn } from '../../platform/listen.ts';
import { type NativeAddon, native } from '../../platform/native.ts';
import type { NamedEndpoint, ProcServCommand } from './parse.ts';

export interface OpenEndpoints {
  readonly control: readonly Listening[];
  readonly log: Listening | undefined;
}

/** Why the start ends here: exit status and lines for standard error, complete. */
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
      throw error instanceof StartRefused ? error : refusal(named, kind, argv0, error as Error & { code?: string });
    }
  };
  const control = command.control.map((named) => open(named, 'control'));
  return { control, log: command.log && open(command.log, 'log') };
}

/** Opens one endpoint for the owner that it names. */
export function openEndpoint(endpoint: Endpoint): Listening {
  return listenOn(endpoint, ownerOf(endpoint));
}

function refusal(named: NamedEndpoint, kind: string, argv0: string, error: Error & { code?: string }): StartRefused {
  const errno = (constants.errno as Record<string, number>)[error.code ?? ''] ?? 1;
  const detail = error instanceof ListenError ? error.message : `${named.spec}: ${error.message}`;
  return new StartRefused(errno, [
    `Caught an exception creating the initial ${kind} telnet port: ${detail}`,
    `${argv0}: Exiting with error code: ${errno}`,
  ]);
}

/** Whom a unix socket is to belong to: this process where nothing is said (spec/procserv.md 2). */
export function ownerOf(
  endpoint: Endpoint,
  { userByName, groupByName }: Pick<NativeAddon, 'userByName' | 'groupByName'> = native,
): { uid: number; gid: number } {
  let uid = process.getuid?.() ?? 0;
  let gid = process.getgid?.() ?? 0;
  if (endpoint.kind !== 'unix') {
    return { uid, gid };
  }
  if (endpoint.user !== undefined) {
    const entry = userByName(endpoint.user);
    const number = numeric(endpoint.user);
    if (entry === undefined && number === undefined) {
      throw new StartRefused(1, [`Unknown user '${endpoint.user}'`]);
    }
    uid = entry?.uid ?? (number as number);
    gid = entry?.gid ?? gid;
  }
  if (endpoint.group !== undefined) {
    const found = groupByName(endpoint.group) ?? numeric(endpoint.group);
    if (found === undefined) {
      throw new StartRefused(1, [`Unknown group '${endpoint.group}'`]);
    }
    gid = found;
  }
  return { uid, gid };
}

function numeric(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
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
