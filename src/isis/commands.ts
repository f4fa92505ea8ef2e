import { encodeImp, upperCase } from '../codec/imp.ts';
import { isDottedQuad } from '../model/ipv4.ts';
import { type IsisConfig, MOST_TTY_PORTS, MOST_UDP_PORTS } from '../model/isis-config.ts';
import type { HostTable, IsisHost } from './host-table.ts';
import { stamp } from './stamp.ts';
import type { About, IsisClock, IsisEvent, IsisLog, SerialPort, UdpPort } from './surroundings.ts';

/** The view that commands have of a server. */
export interface CommandedServer {
  readonly id: string;
  readonly config: IsisConfig;
  readonly about: About;
  readonly rcFile: string;
  readonly port: number;
  readonly clock: Pick<IsisClock, 'monotonic' | 'wall'>;
  readonly log: Pick<IsisLog, 'path'>;
  readonly udp: Pick<UdpPort, 'sendNow'>;
  readonly lines: readonly SerialPort[];
  readonly table: HostTable;
  readonly verbose: boolean;
  readonly logging: boolean;
  setLogging(on: boolean): void;
  /** PING to every serial line and every preset port. */
  handshake(): void;
  forget(host: IsisHost, kind: IsisEvent['kind'], text: string): void;
  /** Resolves with the reason if the configuration could not be read again. */
  restart(): Promise<string | undefined>;
  quit(): void;
}

export interface Asked {
  readonly server: CommandedServer;
  /** Whether EXEC: stood before the command. */
  readonly override: boolean;
  readonly words: readonly string[];
  /** For an answer that comes later than the return. */
  readonly answer: (text: string) => void;
}

interface Command {
  /** The answer; undefined: none, or one that comes later. */
  readonly run: (asked: Asked) => string | undefined;
}

/** Like atoi(3): a missing or bad number is 0. */
function atoi(text: string | undefined): number {
  return Number.parseInt(text ?? '', 10) || 0;
}

/** `Concise +LOG +HANDSHAKE -CLI` */
export function flags({ verbose, logging, config, about }: CommandedServer): string {
  const sign = (on: boolean): string => (on ? '+' : '-');
  const detail = verbose ? 'Verbose' : 'Concise';
  return `${detail} ${sign(logging)}LOG ${sign(config.handshaking)}HANDSHAKE ${sign(about.console)}CLI`;
}

function hostList({ server }: Asked): string {
  const { table } = server;
  if (table.count === 0) {
    return 'DONE: HOST No hosts currently connected to the ISIS server.';
  }
  const list = Array.from(table, (host) => ` host${host.slot}=${host.name}`).join('');
  return `DONE: HOST numHosts=${table.count} maxHosts=${table.size}${list}`;
}

function hostReport(server: CommandedServer, host: IsisHost): string {
  const n = host.slot;
  const idle = ((server.clock.monotonic() - host.heard) / 1000).toFixed(3);
  const { route } = host;
  const where =
    route.kind === 'udp'
      ? `Method${n}=UDP udpAddr${n}=${route.address} udpPort${n}=${route.port}`
      : `Method${n}=Serial ttyPort${n}=${route.line} Device${n}=${server.lines[route.line]?.device ?? ''}`;
  return `DONE: HOST Host${n}=${host.name} ${where} IdleTime${n}=${idle}`;
}

function setLogging(asked: Asked, on: boolean): string {
  asked.server.setLogging(on);
  return `DONE: ${on ? '+' : '-'}LOG logFile=${asked.server.log.path}`;
}

/** Only with ExtendedCommands in the configuration: OSU's server does not know them. */
const EXTENDED: Readonly<Record<string, Command>> = {
  '+LOG': { run: (asked) => setLogging(asked, true) },
  '-LOG': { run: (asked) => setLogging(asked, false) },
  RESTART: {
    run: ({ server, override, answer }) => {
      if (!override) {
        return 'ERROR: RESTART can only be executed as an executive override command';
      }
      void server
        .restart()
        .catch((error: Error) => error.message)
        .then((refused) =>
          answer(refused === undefined ? 'DONE: RESTART warm restart done' : `ERROR: RESTART ${refused}`),
        );
      return undefined;
    },
  },
};

const COMMANDS: Readonly<Record<string, Command>> = {
  PING: { run: () => 'PONG' },
  PONG: { run: () => undefined },
  QUIT: {
    run: ({ server, override }) => {
      if (!override) {
        return 'ERROR: QUIT can only be executed as an executive override command';
      }
      server.quit();
      return `DONE: QUIT ISIS executive quit command executed ${server.id}=OFFLINE`;
    },
  },
  RESTART: { run: () => 'ERROR: RESTART command not yet implemented' },
  FLUSH: {
    run: ({ server, words }) => {
      if (words[0] === undefined) {
        return 'ERROR: FLUSH must specify port to flush';
      }
      const n = atoi(words[0]);
      const most = server.config.maxTtyPorts ?? MOST_TTY_PORTS;
      if (n < 0 || n >= most) {
        return `ERROR: FLUSH port ${n} out of range [0-${most - 1}]`;
      }
      const line = server.lines[n];
      if (!line) {
        return `ERROR: FLUSH serial port ${n} not enabled`;
      }
      line.flush();
      return `DONE: FLUSH serial port ${n} (${line.device}) flushed`;
    },
  },
  REMOVE: {
    run: ({ server, words }) => {
      if (words[0] === undefined) {
        return 'ERROR: REMOVE Must specify host to remove';
      }
      const name = upperCase(words[0]);
      const host = server.table.find(name);
      if (!host) {
        return `ERROR: REMOVE Host ${name} unknown, not removed`;
      }
      server.forget(host, 'host-removed', `Host ${name} was removed from the host table`);
      return `DONE: REMOVE Host ${name} removed from the host table`;
    },
  },
  VERSION: {
    run: ({ server: { about, rcFile } }) =>
      `DONE: VERSION Version='${about.version}' exeName=${about.program} rcFile=${rcFile} UserID=${about.user}` +
      ` CompDate=${about.date} CompTime=${about.time}`,
  },
  STATUS: {
    run: ({ server }) => {
      const { about, log, port, rcFile, table } = server;
      const head = `HostName=${server.id} HostAddr=${about.hostName}:${port} rcFile=${rcFile} logFile=${log.path}`;
      return `DONE: STATUS ${head} numClients=${table.count} ${flags(server)}`;
    },
  },
  HOSTS: { run: hostList },
  HOST: {
    run: (asked) => {
      const name = upperCase(asked.words[0] ?? 'ALL');
      if (name === 'ALL') {
        return hostList(asked);
      }
      const host = asked.server.table.find(name);
      return host ? hostReport(asked.server, host) : `ERROR: HOST Unknown Host ${name}`;
    },
  },
  LOG: { run: ({ server }) => `DONE: LOG logFile=${server.log.path}` },
  UDPPING: {
    run: ({ server, words }) => {
      const [address, given] = words;
      if (address === undefined) {
        return 'ERROR: UDPPING Blank IP address or port';
      }
      if (!isDottedQuad(address)) {
        return `ERROR: UDPPING Invalid IPAddress '${address}'`;
      }
      const port = atoi(given);
      // No kernel sends to port 0, the default of a missing port; the original does not check, and reports it as sent.
      const error = port === 0 ? undefined : server.udp.sendNow(encodeImp(server.id, 'AL', 'PING'), address, port);
      return error === undefined
        ? `DONE: UDPPING Sent PING to ${address}:${port}`
        : `ERROR: UDPPING Cannot Ping ${address}:${port} - ${error}`;
    },
  },
  PORTS: {
    run: ({ server: { lines, config } }) => {
      if (lines.length === 0) {
        return 'DONE: PORTS No serial ports connected.';
      }
      const ttys = lines.map((line, n) => ` tty${n}=${line.device}`).join('');
      const udps = config.udpPorts.map(({ address, port }, n) => ` udp${n}=${address}:${port}`).join('');
      const presets = ` NumPreset=${config.udpPorts.length} MaxPreset=${config.maxUdpPorts ?? MOST_UDP_PORTS}`;
      return `DONE: PORTS NumSerial=${lines.length} MaxSerial=${config.maxTtyPorts ?? MOST_TTY_PORTS}${ttys}${presets}${udps}`;
    },
  },
  HANDSHAKE: {
    run: ({ server }) => {
      server.handshake();
      return 'DONE: HANDSHAKE preset port handshake initiated';
    },
  },
  TIME: {
    run: ({ server }) => {
      const iso = stamp(server.clock.wall());
      return `DONE: TIME DATE=${iso.slice(0, 10)} TIME=${iso.slice(11, 19)} ISODATE=${iso} TIMESYS=UTC`;
    },
  },
  CONFIG: {
    run: ({ server: { table } }) =>
      // The blank at the end is the original's.
      `DONE: CONFIG ${table.count === 0 ? 'NumClients=0' : Array.from(table, ({ name }) => `${name}=ENABLED `).join('')}`,
  },
};

const TYPED = /^(DONE|STATUS|ERROR|WARNING|FATAL):/i;

/** Whether a body to the server is an answer or a report, which is never answered (this prevents loops). */
export function isTyped(body: string): boolean {
  return TYPED.test(body);
}

/** Executes the body of a message to the server (spec/isis.md 4) and hands what is to be answered to `answer`. */
export function execute(server: CommandedServer, body: string, answer: (text: string) => void): void {
  if (isTyped(body)) {
    return;
  }
  const words = body.split(' ').filter((word) => word !== '');
  const lead = upperCase(words[0] ?? '');
  const override = lead === 'EXEC:';
  if (override || lead === 'REQ:') {
    words.shift();
  }
  const word = words.shift() ?? '';
  const name = upperCase(word);
  const extended = server.config.extendedCommands && Object.hasOwn(EXTENDED, name) ? EXTENDED[name] : undefined;
  const command = extended ?? (Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined);
  const text = command
    ? command.run({ server, override, words, answer })
    : `ERROR: Unrecognized ISIS command - ${word}`;
  if (text !== undefined) {
    answer(text);
  }
}
