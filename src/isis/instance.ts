import type { IsisConfig } from '../grammar/isis-ini.ts';
import { DayLog } from './day-log.ts';
import { SerialLine } from './serial-line.ts';
import { type About, IsisServer } from './server.ts';
import type { EventSink, IsisClock } from './surroundings.ts';
import { UdpLink } from './udp-link.ts';

export interface InstanceOptions {
  readonly config: IsisConfig;
  readonly rcFile: string;
  readonly about: About;
  readonly clock: IsisClock;
  readonly event: EventSink;
  /** Lines that the original prints: a log that cannot be opened. */
  readonly complain: (text: string) => void;
  readonly onQuit: () => void;
  readonly reload?: () => IsisConfig | string;
  readonly print?: (line: string) => void;
}

/** Where a start failed; both end the personality with exit code 2. */
export class IsisStartError extends Error {
  readonly part: 'serial' | 'socket';

  constructor(part: 'serial' | 'socket', message: string, options: ErrorOptions) {
    super(message, options);
    this.part = part;
  }
}

const EXPIRY_EVERY_MS = 1000;

/** A whole ISIS server: lines, socket, log and the routing between them. A process may hold several. */
export class IsisInstance {
  readonly server: IsisServer;
  readonly #udp: UdpLink;
  readonly #lines: readonly SerialLine[];
  readonly #log: DayLog;
  readonly #expiry: NodeJS.Timeout;

  private constructor(server: IsisServer, udp: UdpLink, lines: readonly SerialLine[], log: DayLog) {
    this.server = server;
    this.#udp = udp;
    this.#lines = lines;
    this.#log = log;
    this.#expiry = setInterval(() => server.expire(), EXPIRY_EVERY_MS);
    this.#expiry.unref();
  }

  /** Opens lines, log, socket, so that a bound port means a server that is ready. Rejects with IsisStartError, everything closed. */
  static async open(options: InstanceOptions): Promise<IsisInstance> {
    const { config, event, clock } = options;
    let server: IsisServer | undefined;
    const lines = config.ttyPorts.map(
      (device, line) =>
        new SerialLine({
          device,
          event,
          receive: (text) => server?.receiveSerial(text, line),
          oversized: () => server?.oversized(device),
        }),
    );
    const log = new DayLog({
      root: config.serverLog,
      logDate: config.logDate,
      serverId: config.serverId,
      clock,
      event,
      complain: options.complain,
    });
    const logWhenOn = new LogWhenOn(log, () => server?.logging ?? config.log);
    const udp = new UdpLink({
      address: config.listen,
      port: config.serverPort,
      receive: (text, bytes, address, port) => server?.receiveUdp(text, bytes, address, port),
      event: (happening) => {
        event(happening);
        logWhenOn.write(`NOTICE: ${happening.text}`);
      },
    });
    try {
      await part('serial', async () => {
        for (const line of lines) {
          await line.open();
        }
      });
      await part('socket', async () => {
        // Asking for the path opens the file.
        void logWhenOn.path;
        await udp.open();
      });
    } catch (error) {
      await Promise.all(lines.map((line) => line.close()));
      await log.close();
      throw error;
    }
    server = new IsisServer({ ...options, log: logWhenOn, udp, lines, port: udp.port });
    return new IsisInstance(server, udp, lines, log);
  }

  /** Sends what is on its way, writes the log to its end, lets go of socket and lines. */
  async close(): Promise<void> {
    clearInterval(this.#expiry);
    await this.#udp.close();
    await Promise.all(this.#lines.map((line) => line.close()));
    await this.#log.close();
  }
}

/** No file is opened, and no path told, while logging is off. */
class LogWhenOn {
  readonly #log: DayLog;
  readonly #on: () => boolean;

  constructor(log: DayLog, on: () => boolean) {
    this.#log = log;
    this.#on = on;
  }

  get path(): string {
    return this.#on() ? this.#log.path : '';
  }

  write(text: string): void {
    if (this.#on()) {
      this.#log.write(text);
    }
  }
}

async function part(name: 'serial' | 'socket', open: () => Promise<void>): Promise<void> {
  try {
    await open();
  } catch (error) {
    throw new IsisStartError(name, error instanceof Error ? error.message : String(error), { cause: error });
  }
}
