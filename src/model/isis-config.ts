/** The configuration of an ISIS server: from its isis.ini, or from `[isis.NAME]` of a host's configuration. */

export interface IsisPin {
  readonly name: string;
  readonly address: string;
  /** Absent: any port of that address. */
  readonly port?: number;
}

export interface IsisConfig {
  serverId: string;
  /** UDP port, 0 is any. */
  serverPort: number;
  /** Address to listen on. The original knows only 0.0.0.0. */
  listen: string;
  /** Path and root of the log. */
  serverLog: string;
  logDate: 'UTC' | 'OBS';
  log: boolean;
  verbose: boolean;
  handshaking: boolean;
  instrument: string;
  readonly ttyPorts: string[];
  /** Baud rates of lines that do not run at 9600, by device. */
  ttySpeeds?: ReadonlyMap<string, number>;
  /** Limits for lines and presets, if not those of the original. */
  maxTtyPorts?: number;
  maxUdpPorts?: number;
  readonly udpPorts: { readonly address: string; readonly port: number }[];
  /** Slots of the host table. */
  maxHosts: number;
  /** Seconds of silence after which a host is forgotten; 0: never. */
  hostExpiry: number;
  /** Networks (a.b.c.d/n) that are allowed; none: all. */
  readonly allow: string[];
  readonly pins: IsisPin[];
  /** Messages per second of a host at one address; 0: no limit. */
  rateLimit: number;
  /** RESTART, +LOG and -LOG are commands. */
  extendedCommands: boolean;
  /** ALL means AL, unless a host has that name. */
  aliasAll: boolean;
}

/** The original's value, and the allowed range. */
export const MOST_TTY_PORTS = 8;
export const MOST_UDP_PORTS = 12;
export const ROOM_TTY_PORTS = 16;
export const ROOM_UDP_PORTS = 32;

export const DEFAULT_SPEED = 9600;
/** Rates that serial lines support (native/serial.c). */
export const LINE_SPEEDS: readonly number[] = [
  ...[50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800],
  ...[500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000],
];

export function defaultIsisConfig(): IsisConfig {
  return {
    serverId: 'IS',
    serverPort: 0,
    listen: '0.0.0.0',
    serverLog: '/home/Logs/ISIS/isis',
    logDate: 'OBS',
    log: true,
    verbose: false,
    handshaking: true,
    instrument: 'None',
    ttyPorts: [],
    udpPorts: [],
    maxHosts: 32,
    hostExpiry: 0,
    allow: [],
    pins: [],
    rateLimit: 0,
    extendedCommands: false,
    aliasAll: false,
  };
}
