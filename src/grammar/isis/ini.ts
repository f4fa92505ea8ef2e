/** The isis.ini of OSU's server (spec/isis.md 7), and Holdfast's own keywords below it. */
import { isDottedQuad } from '../../model/ipv4.ts';
import {
  DEFAULT_SPEED,
  defaultIsisConfig,
  type IsisConfig,
  LINE_SPEEDS,
  MOST_TTY_PORTS,
  MOST_UDP_PORTS,
  ROOM_TTY_PORTS,
  ROOM_UDP_PORTS,
} from '../../model/isis-config.ts';

export interface IniNotice {
  /** Counting from 1. */
  readonly line: number;
  /** Interface: the text that the original prints. Absent for mistakes that it does not detect. */
  readonly original?: string;
  readonly text: string;
}

interface Entry {
  readonly keyword: string;
  readonly values: readonly string[];
  readonly config: IsisConfig;
  /** Reports a mistake of this line; `fatal`: the server must not start with it. */
  readonly refuse: (text: string, original?: string, fatal?: boolean) => void;
}

interface Keyword {
  readonly needs: number;
  readonly apply: (entry: Entry) => void;
}

/** Like atoi(3) in the original, takes leading digits; anything after them is reported. */
function wholeNumber(entry: Entry, text: string, most: number, use: (value: number) => void): void {
  const digits = /^\d+/.exec(text)?.[0];
  const good = digits !== undefined && Number(digits) <= most;
  if (good) {
    use(Number(digits));
  }
  if (!good || digits !== text) {
    const taken = good ? `, taken as ${digits}` : '';
    entry.refuse(`${entry.keyword} wants a whole number from 0 to ${most}, not '${text}'${taken}`);
  }
}

function seconds(entry: Entry, text: string, use: (value: number) => void): void {
  if (/^\d+(\.\d+)?$/.test(text)) {
    use(Number(text));
  } else {
    entry.refuse(`${entry.keyword} wants a number that is not negative, not '${text}'`);
  }
}

/**
 * `TTYPort DEV SPEED`, as ISIS 2.9.1 has it. An impossible speed keeps the server from starting: at another speed no
 * byte would be understood. Words that are not numbers are passed over, as in the original.
 */
function speedOf({ values: [device = '', speed = ''], config, refuse }: Entry): void {
  if (!/^\d/.test(speed)) {
    return;
  }
  if (!LINE_SPEEDS.includes(Number(speed))) {
    refuse(
      `TTYPort ${device} wants a speed that serial lines have, such as 9600 or 115200, not '${speed}'`,
      undefined,
      true,
    );
  } else if (Number(speed) !== DEFAULT_SPEED) {
    config.ttySpeeds = new Map([...(config.ttySpeeds ?? []), [device, Number(speed)]]);
  }
}

const at = (entry: Entry, index: number): string => entry.values[index] as string;

const instrument: Keyword = {
  needs: 1,
  apply: (entry) => {
    entry.config.instrument = at(entry, 0);
  },
};

const KEYWORDS: Readonly<Record<string, Keyword>> = {
  SERVERID: {
    needs: 1,
    apply: (entry) => {
      if (/^[\x21-\x3d\x3f-\x7e]{1,8}$/.test(at(entry, 0))) {
        entry.config.serverId = at(entry, 0);
      } else {
        entry.refuse(`ServerID has 1 to 8 printable characters and no '>', unlike '${at(entry, 0)}'`);
      }
    },
  },
  SERVERPORT: {
    needs: 1,
    apply: (entry) =>
      wholeNumber(entry, at(entry, 0), 65535, (value) => {
        entry.config.serverPort = value;
      }),
  },
  SERVERLOG: {
    needs: 1,
    apply: (entry) => {
      entry.config.serverLog = at(entry, 0);
      entry.config.log = true;
    },
  },
  LOGDATE: {
    needs: 1,
    apply: (entry) => {
      entry.config.logDate = at(entry, 0).toUpperCase() === 'UTC' ? 'UTC' : 'OBS';
    },
  },
  NOLOG: {
    needs: 0,
    apply: (entry) => {
      entry.config.log = false;
    },
  },
  VERBOSE: {
    needs: 0,
    apply: (entry) => {
      entry.config.verbose = true;
    },
  },
  NOHANDSHAKING: {
    needs: 0,
    apply: (entry) => {
      entry.config.handshaking = false;
    },
  },
  TTYPORT: {
    needs: 1,
    apply: (entry) => {
      const most = entry.config.maxTtyPorts ?? MOST_TTY_PORTS;
      if (entry.config.ttyPorts.length < most) {
        entry.config.ttyPorts.push(at(entry, 0));
        speedOf(entry);
      } else {
        const text = `ERROR: Cannot define more than ${most} serial (tty) ports`;
        entry.refuse(`${text} (MaxTTYPorts, at most ${ROOM_TTY_PORTS})`, `${text}\n       extra port ignored.`);
      }
    },
  },
  UDPPORT: {
    needs: 2,
    apply: (entry) => {
      const most = entry.config.maxUdpPorts ?? MOST_UDP_PORTS;
      if (entry.config.udpPorts.length >= most) {
        const text = `ERROR: Cannot define more than ${most} preset UDP socket ports`;
        entry.refuse(`${text} (MaxUDPPorts, at most ${ROOM_UDP_PORTS})`, `${text}\n       extra port ignored.`);
        return;
      }
      wholeNumber(entry, at(entry, 1), 65535, (port) => entry.config.udpPorts.push({ address: at(entry, 0), port }));
    },
  },
  INSTRUMENT: instrument,
  INST: instrument,
  LISTEN: {
    needs: 1,
    apply: (entry) => {
      if (isDottedQuad(at(entry, 0))) {
        entry.config.listen = at(entry, 0);
      } else {
        entry.refuse(`Listen wants an IPv4 address, not '${at(entry, 0)}'`);
      }
    },
  },
  MAXHOSTS: {
    needs: 1,
    apply: (entry) =>
      wholeNumber(entry, at(entry, 0), 10000, (value) => {
        entry.config.maxHosts = Math.max(1, value);
      }),
  },
  MAXTTYPORTS: {
    needs: 1,
    apply: (entry) =>
      wholeNumber(entry, at(entry, 0), ROOM_TTY_PORTS, (value) => {
        entry.config.maxTtyPorts = value;
      }),
  },
  MAXUDPPORTS: {
    needs: 1,
    apply: (entry) =>
      wholeNumber(entry, at(entry, 0), ROOM_UDP_PORTS, (value) => {
        entry.config.maxUdpPorts = value;
      }),
  },
  HOSTEXPIRY: {
    needs: 1,
    apply: (entry) =>
      seconds(entry, at(entry, 0), (value) => {
        entry.config.hostExpiry = value;
      }),
  },
  ALLOWNETWORK: {
    needs: 1,
    apply: (entry) => {
      const [address = '', bits = '32', more] = at(entry, 0).split('/');
      if (isDottedQuad(address) && /^\d+$/.test(bits) && Number(bits) <= 32 && more === undefined) {
        entry.config.allow.push(`${address}/${bits}`);
      } else {
        entry.refuse(`AllowNetwork wants a.b.c.d or a.b.c.d/bits, not '${at(entry, 0)}'`);
      }
    },
  },
  PINHOST: {
    needs: 2,
    apply: (entry) => {
      const [address = '', port, more] = at(entry, 1).split(':');
      const good = isDottedQuad(address) && more === undefined && (port === undefined || /^\d{1,5}$/.test(port));
      if (!good) {
        entry.refuse(`PinHost wants a name and a.b.c.d or a.b.c.d:port, not '${at(entry, 1)}'`);
        return;
      }
      const name = at(entry, 0).toUpperCase();
      entry.config.pins.push(port === undefined ? { name, address } : { name, address, port: Number(port) });
    },
  },
  RATELIMIT: {
    needs: 1,
    apply: (entry) =>
      seconds(entry, at(entry, 0), (value) => {
        entry.config.rateLimit = value;
      }),
  },
  EXTENDEDCOMMANDS: {
    needs: 0,
    apply: (entry) => {
      entry.config.extendedCommands = true;
    },
  },
  ALIASALL: {
    needs: 0,
    apply: (entry) => {
      entry.config.aliasAll = true;
    },
  },
};

/** Sizes that the other keywords depend on: read first, wherever they stand. */
const ROOM = new Set(['MAXTTYPORTS', 'MAXUDPPORTS']);
/** A mistake in one of these would open what the file meant to close, so the server must not start. */
const CLOSES = new Set(['LISTEN', 'ALLOWNETWORK', 'PINHOST', 'RATELIMIT']);

export interface IniResult {
  readonly config: IsisConfig;
  readonly notices: readonly IniNotice[];
  /** The first mistake with which the server must not start. */
  readonly fatal?: IniNotice;
}

/** Reads the text of an isis.ini. As tolerant as the original, except where that would leave something open. */
export function parseIsisIni(text: string): IniResult {
  const config = defaultIsisConfig();
  const notices: IniNotice[] = [];
  let fatal: IniNotice | undefined;
  const lines = text.split(/\r?\n/).map((line, index) => ({ line, index }));
  const isRoom = ({ line }: { readonly line: string }): boolean =>
    ROOM.has((line.trim().split(/[ \t]/, 1)[0] ?? '').toUpperCase());
  const read = ({ line, index }: { readonly line: string; readonly index: number }): void => {
    const words = line.split(/[ \t\r]+/).filter((word) => word !== '');
    const keyword = words[0];
    if (keyword === undefined || keyword.startsWith('#')) {
      return;
    }
    const name = keyword.toUpperCase();
    const known = Object.hasOwn(KEYWORDS, name) ? KEYWORDS[name] : undefined;
    const values = words.slice(1);
    const refuse = (reason: string, original?: string, keepsFromStarting = CLOSES.has(name)): void => {
      const notice = { line: index + 1, text: reason, ...(original === undefined ? {} : { original }) };
      notices.push(notice);
      if (keepsFromStarting) {
        fatal ??= notice;
      }
    };
    // A value that begins a comment is not a value: `ServerPort # later` has none.
    const comment = values.findIndex((value) => value.startsWith('#'));
    const given = comment < 0 ? values.length : comment;
    if (!known) {
      refuse(`unknown keyword ${keyword}`, `Ignoring unrecognized config file entry - ${line}`);
    } else if (given < known.needs) {
      refuse(`${keyword} needs ${known.needs === 1 ? 'a value' : `${known.needs} values`}, the line is ignored`);
    } else {
      known.apply({ keyword, values: comment < 0 ? values : values.slice(0, comment), config, refuse });
    }
  };
  for (const line of [...lines.filter(isRoom), ...lines.filter((each) => !isRoom(each))]) {
    read(line);
  }
  notices.sort((one, other) => one.line - other.line);
  return fatal === undefined ? { config, notices } : { config, notices, fatal };
}
