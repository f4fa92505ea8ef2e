import { hostname } from 'node:os';
import type { IsisInstanceConfig } from '../model/config.ts';
import { HoldfastError } from '../model/errors.ts';
import type { IsisHostInfo, IsisMessage, IsisPorts, IsisSummary } from '../model/isis-port.ts';
import { userName } from '../platform/process/user-name.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { MicrosecondClock } from '../platform/time/microsecond-clock.ts';
import { EventThrottle } from './event-throttle.ts';
import { IsisInstance } from './instance.ts';
import type { IsisServer } from './server.ts';
import { shownMessage, shownText } from './wire-text.ts';

export interface ServiceOptions {
  readonly config: IsisInstanceConfig;
  readonly version: string;
  /** The clock of the host: for everything but the stamps of messages. */
  readonly timers: Clock;
  /** One line for the history. */
  readonly note: (text: string) => void;
  /** Reads the configuration of this instance again, for RESTART; a string says why that is not possible. */
  readonly reload: () => Promise<IsisInstanceConfig['settings'] | string>;
}

interface Listener {
  readonly traffic: (batch: readonly IsisMessage[], missed: number) => void;
  readonly ended: () => void;
  unwatch: () => void;
}

/** The restart delay of the original's unit. */
const RETRY_DELAY_MS = 10_000;

/** One configured ISIS server with its state: reopened after a failure, or after it was told to end. */
export class IsisService {
  #config: IsisInstanceConfig;
  readonly #options: ServiceOptions;
  readonly #throttle: EventThrottle;
  readonly #listeners = new Set<Listener>();
  readonly #clock = new MicrosecondClock();
  #instance: IsisInstance | undefined;
  #state: IsisSummary['state'] = 'stopped';
  #since: number;
  #reason: string | undefined;
  #timer: Timer | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: ServiceOptions) {
    this.#config = options.config;
    this.#options = options;
    this.#since = options.timers.now();
    this.#throttle = new EventThrottle(options.timers, ({ text }) => options.note(shownText(text)));
  }

  /** The configuration it follows now. */
  get config(): IsisInstanceConfig {
    return this.#config;
  }

  get name(): string {
    return this.config.name;
  }

  /** Throws HF_ISIS_DOWN while it is not running. */
  get server(): IsisServer {
    if (!this.#instance) {
      const why = this.#reason === undefined ? '' : `: ${this.#reason}`;
      throw new HoldfastError('HF_ISIS_DOWN', `the ISIS server ${this.name} is ${this.#state}${why}`);
    }
    return this.#instance.server;
  }

  /** Resolves when it is running, or waits for its next attempt. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      this.#timer?.cancel();
      this.#become('starting');
      const { settings } = this.config;
      try {
        this.#instance = await IsisInstance.open({
          config: structuredClone(settings),
          rcFile: this.config.source,
          about: await this.#about(),
          clock: this.#clock,
          timers: this.#options.timers,
          event: (event) => this.#throttle.take(event),
          complain: () => undefined,
          onQuit: () => void this.#quit(),
          reload: () => this.#reload(),
          applied: (config) => {
            this.#config = { ...this.#config, settings: structuredClone(config) };
          },
        });
      } catch (error) {
        this.#later(`not opened: ${(error as Error).message}`);
        return;
      }
      const { server } = this.#instance;
      for (const listener of this.#listeners) {
        this.#hear(listener, server);
      }
      this.#become('running');
      this.#options.note(`ISIS server ${server.id} is open on ${settings.listen}:${server.port}`);
      if (settings.handshaking) {
        server.handshake();
      }
    });
  }

  /** Closes it for good; watchers are told. */
  stop(): Promise<void> {
    return this.#inTurn(async () => {
      this.#timer?.cancel();
      await this.#close();
      this.#become('stopped');
      this.#throttle.close();
      for (const { ended } of this.#listeners) {
        ended();
      }
      this.#listeners.clear();
    });
  }

  /** Resolves when no change is in progress. */
  settled(): Promise<void> {
    return this.#turn;
  }

  summary(): IsisSummary {
    const { settings, source } = this.config;
    const server = this.#instance?.server;
    const log = server?.log.path ?? '';
    return {
      name: this.name,
      state: this.#state,
      since: new Date(this.#since).toISOString(),
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      id: server?.id ?? settings.serverId,
      address: settings.listen,
      port: server?.port ?? settings.serverPort,
      hosts: server?.table.count ?? 0,
      maxHosts: server?.table.size ?? settings.maxHosts,
      ...(log === '' ? {} : { log }),
      source,
    };
  }

  hosts(): IsisHostInfo[] {
    const { server } = this;
    const now = server.clock.monotonic();
    return Array.from(server.table, ({ name, slot, route, heard }) => ({
      name: shownText(name),
      slot,
      via: route.kind,
      address: route.kind === 'udp' ? `${route.address}:${route.port}` : (server.lines[route.line]?.device ?? ''),
      idleSeconds: Math.round(now - heard) / 1000,
    }));
  }

  ports(): IsisPorts {
    const { lines, config } = this.server;
    return {
      serial: lines.map(({ device, isOpen }) => ({ device, open: isOpen })),
      presets: config.udpPorts.map(({ address, port }) => `${address}:${port}`),
    };
  }

  /** Goes on over restarts of this instance. */
  watch(traffic: Listener['traffic'], ended: () => void): () => void {
    const listener: Listener = { traffic, ended, unwatch: () => undefined };
    this.#listeners.add(listener);
    if (this.#instance) {
      this.#hear(listener, this.#instance.server);
    }
    return () => {
      this.#listeners.delete(listener);
      listener.unwatch();
    };
  }

  async #reload(): Promise<IsisInstanceConfig['settings'] | string> {
    const settings = await this.#options.reload();
    return typeof settings === 'string' ? settings : structuredClone(settings);
  }

  #hear(listener: Listener, server: IsisServer): void {
    listener.unwatch = server.watch({
      traffic: (batch, missed) => listener.traffic(batch.map(shownMessage), missed),
    });
  }

  #quit(): Promise<void> {
    return this.#inTurn(async () => {
      // Told twice, or while it was being stopped: it is down, and what follows is decided.
      if (!this.#instance) {
        return;
      }
      await this.#close();
      this.#later('told to end by EXEC: QUIT');
    });
  }

  async #close(): Promise<void> {
    const instance = this.#instance;
    this.#instance = undefined;
    await instance?.close();
  }

  #later(reason: string): void {
    // The same trouble every ten seconds is reported once.
    if (reason !== this.#reason) {
      this.#options.note(`${reason}; opened again in ${RETRY_DELAY_MS / 1000} s`);
    }
    this.#become('waiting', reason);
    this.#timer = this.#options.timers.after(RETRY_DELAY_MS, () => void this.start());
  }

  #become(state: IsisSummary['state'], reason?: string): void {
    if (state !== this.#state) {
      this.#since = this.#options.timers.now();
    }
    this.#state = state;
    // The reason stays visible while it is retried.
    this.#reason = state === 'starting' ? this.#reason : reason;
  }

  /** One change at a time. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(change);
    return this.#turn;
  }

  async #about() {
    const { version, timers } = this.#options;
    const started = new Date(timers.now()).toISOString();
    return {
      version,
      program: 'holdfast',
      user: process.env.USER || (await userName(process.geteuid?.() ?? 0)) || 'unknown',
      hostName: hostname(),
      date: started.slice(0, 10),
      time: started.slice(11, 19),
      console: false,
    };
  }
}
