/** A server that does not answer: what goes on without it, and how it is started where this is. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { closedText, noServerText } from '../../../client/connect-error.ts';
import { defaultDirectories } from '../../../config/config-files.ts';
import { counted } from '../../../model/counted.ts';
import { parentOf } from '../../../platform/process/proc.ts';
import { serverUnit } from '../../../systemd/server-unit.ts';
import { groupName } from './group-name.ts';

export interface AwayServer {
  /** How to start it: a command in quotes, and who must run it as root. */
  readonly start: string;
  /** Sentences, without full stops. */
  readonly notes: readonly string[];
}

/** `socket`: its control socket. */
export async function awayServer(
  socket: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<AwayServer> {
  const uid = process.geteuid?.() ?? 0;
  const placeOf = (owner: number) =>
    join(defaultDirectories({ env: env as NodeJS.ProcessEnv, uid: owner }).runtimeDir, 'control');
  const machines = placeOf(0);
  const isUsual = socket === machines || socket === placeOf(uid);
  const unit = isUsual ? await serverUnit(socket !== machines) : undefined;
  const holder = holderOf(join(dirname(socket), 'holder'));
  const held = holder && holderText(holder);
  const failed = unit?.hasFailed && `${unit.unit} has failed: '${unit.systemctl} status holdfast' says why`;
  const path = isUsual ? demoOf(uid) : undefined;
  const demo = path && `the demonstration of npm start is at another: export HOLDFAST_SOCKET=${path}`;
  const other = socket !== machines && existsSync(machines) && `that of this machine is at ${machines}`;
  return {
    start: `${uid !== 0 && socket === machines ? 'as root, ' : ''}'${unit ? `${unit.systemctl} start holdfast` : 'holdfast up'}'`,
    notes: [failed, held, other, demo].filter((note) => typeof note === 'string'),
  };
}

interface Holder {
  readonly pid: number;
  readonly processes: number;
}

/** `no server answers on PATH: ...`. */
async function awayText(socket: string, env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const { notes, start } = await awayServer(socket, env);
  return [`no server answers on ${socket}: ${start} starts it, --socket names another`, ...notes].join('; ');
}

/**
 * What to tell of an error: of a server of this machine that is away, what goes on without it; of a socket that this user may not open,
 * who may.
 */
export async function troubleText(
  error: Error,
  socket: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  if (error.message === closedText(socket)) {
    return `this user may not open ${socket}: ${openTo(socket) ?? 'see its mode and group'}`;
  }
  return error.message === noServerText(socket) ? awayText(socket, env) : error.message;
}

/** Undefined: its folder may not even be searched. */
function openTo(socket: string): string | undefined {
  try {
    const { gid, mode } = statSync(socket);
    const group = groupName(gid);
    return (mode & 0o020) === 0
      ? "it is for the user of the server alone; 'control_group' of [server] opens it to a group"
      : `it is open to group ${group} (root: 'usermod -aG ${group} USER', then USER logs in anew)`;
  } catch {
    return undefined;
  }
}

/** The control socket of the demonstration (scripts/start.mjs) that this user runs. */
function demoOf(uid: number): string | undefined {
  const sockets = readdirSync(tmpdir()).flatMap((name) =>
    name.startsWith('holdfast-demo-') ? [join(tmpdir(), name, 'run/control')] : [],
  );
  return sockets.find((socket) => {
    try {
      return statSync(socket).uid === uid;
    } catch {
      return false;
    }
  });
}

function holderText({ pid, processes }: Holder): string {
  return processes === 0
    ? `the holder (pid ${pid}) is running, without any process`
    : `the holder (pid ${pid}) and its ${counted(processes, 'process', 'processes')} are running`;
}

/** The holder that listens on this socket, by its command line: everybody may see that, and nobody is asked. */
function holderOf(socket: string): Holder | undefined {
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
  const pid = pids.find((each) => {
    const [program = '', ...words] = commandOf(each);
    return /(^|\/)holdfast-holder/.test(`${program} ${words.join(' ')}`) && words.includes(socket);
  });
  return pid === undefined ? undefined : { pid, processes: pids.filter((each) => parentOf(each) === pid).length };
}

function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
