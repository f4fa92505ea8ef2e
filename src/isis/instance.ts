import { DEFAULT_SPEED, type IsisConfig } from '../model/isis-config.ts';
import { isOwnAddress } from '../platform/net/this-host.ts';
import { systemText } from '../platform/system-text.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { every } from '../platform/time/every.ts';
import { DayLog } from './day-log.ts';
import { SerialLine } from './serial-line.ts';
import { IsisServer } from './server.ts';
import type { About, EventSink, IsisClock, IsisEvent } from './surroundings.ts';
import { UdpLink } from './udp-link.ts';

export interface InstanceOptions {
  readonly config: IsisConfig;
  readonly rcFile: string;
  readonly about: About;
  /** The time of the messages. */
  readonly clock: IsisClock;
  readonly timers: Clock;
  readonly event: EventSink;
  /** Lines that the original prints, such as about a log that cannot be opened. */
  readonly complain: (text: string) => void;
  readonly onQuit: () => void;
  /** Reads the configuration again for a warm restart; a string says why that is not possible. */
  readonly reload?: () => Promise<IsisConfig | string>;
  /** The new configuration is in force. */
  readonly applied?: (config: IsisConfig) => void;
  readonly print?: (line: string) => void;
}

/** The step at which a start failed; both end the personality with exit code 2. */
export class IsisStartError extends Error {
  readonly part: 'serial' | 'socket';

  constructor(part: 'serial' | 'socket', message: string, options: ErrorOptions) {
    super(message, options);
    this.part = part;
  }
}

const EXPIRY_EVERY_MS = 1000;
const CLOSED = 'the server was closed meanwhile';

/** A whole ISIS server: lines, socket, log and the routing between them. A process may hold several. */
export class IsisInstance {
  readonly #options: InstanceOptions;
  readonly #expiry: Timer;
  #config: IsisConfig;
  #server: IsisServer | undefined;
  #udp: UdpLink;
  #lines: readonly SerialLine[];
  #log: DayLog;
  #closed = false;

  private constructor(options: InstanceOptions) {
    const { config } = options;
    this.#options = options;
    this.#config = config;
    this.#log = this.#makeLog(config);
    this.#udp = this.#makeUdp(config);
    this.#lines = config.ttyPorts.map((device) => this.#makeLine(device, config));
    this.#expiry = every(options.timers, EXPIRY_EVERY_MS, () => this.#server?.expire(), { ref: false });
  }

  /**
   * Opens lines, log, socket, so that a bound port means the server is ready. Rejects with IsisStartError, everything
   * closed.
   */
  static async open(options: InstanceOptions): Promise<IsisInstance> {
    const instance = new IsisInstance(options);
    try {
      instance.#open();
    } catch (error) {
      instance.#expiry.cancel();
      instance.#closeLines(instance.#lines);
      await instance.#log.close();
      throw error;
    }
    return instance;
  }

  get server(): IsisServer {
    return this.#server as IsisServer;
  }

  /** Flushes outgoing messages and the log, then closes socket and lines. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#expiry.cancel();
    await this.#udp.close();
    this.#closeLines(this.#lines);
    await this.#log.close();
  }

  #open(): void {
    for (const line of this.#lines) {
      part('serial', line.device, () => line.open());
    }
    part('socket', `port ${this.#config.serverPort}`, () => {
      // Asking for the path opens the file.
      void this.#writer.path;
      this.#udp.open();
    });
    const { reload: _, ...options } = this.#options;
    this.#server = new IsisServer({
      ...options,
      log: this.#writer,
      udp: this.#udp,
      lines: this.#lines,
      port: this.#udp.port,
      isOwnAddress,
      reload: () => this.#reload(),
    });
  }

  /** Changed parts are opened before anything is closed: a mistake leaves everything as it was. */
  async #reload(): Promise<IsisConfig | string> {
    const config = (await this.#options.reload?.()) ?? 'there is no configuration file to read again';
    if (typeof config === 'string') {
      return config;
    }
    if (this.#closed) {
      // Anything opened from here on would never be closed.
      return CLOSED;
    }
    const before = this.#config;
    const speed = (device: string, { ttySpeeds }: IsisConfig): number | undefined => ttySpeeds?.get(device);
    const kept = new Map(
      this.#lines
        .filter(({ device }) => speed(device, config) === speed(device, before))
        .map((line) => [line.device, line]),
    );
    const lines = config.ttyPorts.map((device) => kept.get(device) ?? this.#makeLine(device, config));
    const fresh = lines.filter(({ device }) => !kept.has(device));
    const moved = config.serverPort !== before.serverPort || config.listen !== before.listen;
    const udp = moved ? this.#makeUdp(config) : this.#udp;
    try {
      for (const line of fresh) {
        part('serial', line.device, () => line.open());
      }
      if (moved) {
        part('socket', `port ${config.serverPort}`, () => udp.open());
      }
    } catch (error) {
      this.#closeLines(fresh);
      return (error as Error).message;
    }
    const old = { udp: this.#udp, lines: this.#lines.filter((line) => !lines.includes(line)), log: this.#log };
    const sameLog = (['serverLog', 'logDate', 'serverId'] as const).every((key) => config[key] === before[key]);
    if (!sameLog) {
      this.#log = this.#makeLog(config);
    }
    this.#config = config;
    this.#udp = udp;
    this.#lines = lines;
    this.#options.applied?.(config);
    this.server.rewire({ udp, lines, port: udp.port });
    this.#closeLines(old.lines);
    await Promise.all([moved ? old.udp.close() : undefined, sameLog ? undefined : old.log.close()]);
    return this.#closed ? CLOSED : config;
  }

  #closeLines(lines: readonly SerialLine[]): void {
    for (const line of lines) {
      line.close();
    }
  }

  #makeLine(device: string, { ttySpeeds }: IsisConfig): SerialLine {
    const line: SerialLine = new SerialLine({
      device,
      baud: ttySpeeds?.get(device) ?? DEFAULT_SPEED,
      timers: this.#options.timers,
      event: (event) => this.#tell(event),
      receive: (text) => this.#server?.receiveSerial(text, this.#lines.indexOf(line)),
      oversized: () => this.#server?.oversized(device),
    });
    return line;
  }

  #makeUdp({ listen, serverPort }: IsisConfig): UdpLink {
    const { clock, timers } = this.#options;
    return new UdpLink({
      timers,
      address: listen,
      port: serverPort,
      receive: (text, address, port, size) => this.#server?.receiveUdp(text, address, port, size),
      inPlace: (socket, start, size, ip, from) => this.#server?.takeBytes(socket, start, size, ip, from) ?? false,
      before: () => clock.hold(),
      after: () => clock.release(),
      event: (event) => this.#tell(event),
    });
  }

  #makeLog({ serverLog, logDate, serverId }: IsisConfig): DayLog {
    const { clock, timers, event, complain } = this.#options;
    return new DayLog({ root: serverLog, logDate, serverId, clock, timers, event, complain });
  }

  /** Events of the socket and the lines are in the message log too: a standalone server has no other history. */
  #tell(event: IsisEvent): void {
    this.#options.event(event);
    this.#writer.write(`NOTICE: ${event.text}`);
  }

  /** While logging is off, no file is opened and no path is reported. */
  readonly #writer = {
    isOn: (): boolean => this.#server?.logging ?? this.#config.log,
    log: (): DayLog => this.#log,
    get path(): string {
      return this.isOn() ? this.log().path : '';
    },
    write(text: string): void {
      if (this.isOn()) {
        this.log().write(text);
      }
    },
    writeBytes(bytes: Uint8Array, start: number, end: number): void {
      if (this.isOn()) {
        this.log().writeBytes(bytes, start, end);
      }
    },
  };
}

function part(name: IsisStartError['part'], what: string, open: () => void): void {
  try {
    open();
  } catch (error) {
    throw new IsisStartError(name, `${what}: ${systemText(error)}`, { cause: error });
  }
}
