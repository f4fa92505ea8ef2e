import { decodeImp, encodeImp, LARGEST_MESSAGE, upperCase, withoutTerminator } from '../codec/imp.ts';
import { isDottedQuad } from '../model/ipv4.ts';
import type { IsisConfig } from '../model/isis-config.ts';
import { Admission } from './admission.ts';
import { execute, isTyped } from './commands.ts';
import { FastPath } from './fast-path.ts';
import { HostTable, type IsisHost, leadsTo, type Route, udpRoute } from './host-table.ts';
import { Refusals } from './refusals.ts';
import { unanswerable } from './senders.ts';
import type {
  About,
  ByteSocket,
  EventSink,
  IsisClock,
  IsisEvent,
  IsisLog,
  SerialPort,
  UdpPort,
} from './surroundings.ts';
import { type Watcher, Watchers } from './watchers.ts';

export interface IsisServerOptions {
  readonly config: IsisConfig;
  /** As given on the command line. */
  readonly rcFile: string;
  readonly about: About;
  readonly clock: IsisClock;
  readonly log: IsisLog;
  readonly udp: UdpPort;
  readonly lines: readonly SerialPort[];
  /** The actual port of the socket. */
  readonly port: number;
  /** Whether an interface of this machine has the address. */
  readonly isOwnAddress?: (address: string) => boolean;
  readonly event: EventSink;
  /** Asked to end: the owner flushes and closes after the answer has gone out. */
  readonly onQuit: () => void;
  /** Reads the configuration again for a warm restart; a string says why that is not possible. */
  readonly reload?: () => Promise<IsisConfig | string>;
  /** Unsolicited lines of the interactive console (spec/isis.md 10). */
  readonly print?: (line: string) => void;
}

/** Takes messages from sockets and lines, keeps the host table, routes, answers (spec/isis.md 3). No I/O of its own. */
export class IsisServer {
  readonly about: About;
  readonly clock: IsisClock;
  readonly log: IsisLog;
  udp: UdpPort;
  lines: readonly SerialPort[];
  port: number;
  readonly rcFile: string;
  readonly table: HostTable;
  verbose: boolean;
  logging: boolean;
  readonly #options: IsisServerOptions;
  readonly #watchers = new Watchers();
  readonly #fastPath = new FastPath(this);
  #config: IsisConfig;
  #admission: Admission;
  #upperId: string;
  #restarted: Promise<unknown> = Promise.resolve();
  readonly #refusals: Refusals;

  constructor(options: IsisServerOptions) {
    this.#options = options;
    this.#config = options.config;
    this.about = options.about;
    this.clock = options.clock;
    this.log = options.log;
    this.udp = options.udp;
    this.lines = options.lines;
    this.port = options.port;
    this.rcFile = options.rcFile;
    this.table = new HostTable(options.config.maxHosts);
    this.verbose = options.config.verbose;
    this.logging = options.config.log;
    this.#admission = new Admission(options.config);
    this.#upperId = upperCase(options.config.serverId);
    this.#refusals = new Refusals(options.clock, (text, count) => {
      this.#write(text);
      this.#event({ kind: 'refused', text, count });
    });
  }

  get config(): IsisConfig {
    return this.#config;
  }

  get id(): string {
    return this.#config.serverId;
  }

  /** Watches passively (batches after routing, bounded); returns the function that ends it. */
  watch(watcher: Watcher): () => void {
    return this.#watchers.add(watcher);
  }

  /** Whether forwarding a message involves only the log and the host table. */
  get plain(): boolean {
    return this.#admission.open && !this.#watchers.watched && !(this.verbose && this.#options.print);
  }

  /** One datagram in place. False: not handled, pass it to `receiveUdp`. */
  takeBytes(socket: ByteSocket, start: number, size: number, ip: number, port: number): boolean {
    return this.plain && this.#fastPath.take(socket, start, size, ip, port);
  }

  /** One datagram as a byte string; `size` is its size on the wire, if it was truncated. */
  receiveUdp(text: string, address: string, port: number, size = text.length): void {
    const reason = this.#unanswerable(address, port) ?? this.#admission.refuseAddress(address);
    if (reason !== undefined) {
      this.#refusals.add(reason);
      return;
    }
    if (size > LARGEST_MESSAGE) {
      this.oversized(`${address}:${port}`, size);
      return;
    }
    this.#receive(text, address, port, -1);
  }

  /** One line without its terminator, from the serial line of this number. */
  receiveSerial(text: string, line: number): void {
    this.#receive(text, '', 0, line);
  }

  /** Reports, once per message, that something too long was ignored. */
  oversized(from: string, bytes?: number): void {
    const size = bytes === undefined ? '' : ` of ${bytes} bytes`;
    const text = `oversized message${size} from ${from} ignored (limit ${LARGEST_MESSAGE} bytes)`;
    this.#write(text);
    this.#event({ kind: 'oversized', text });
  }

  #receive(text: string, address: string, port: number, line: number): void {
    const received = withoutTerminator(text);
    const message = decodeImp(received);
    if (!message) {
      if (received !== '') {
        const from = line < 0 ? `network client at ${address}:${port}` : `tty port ${this.lines[line]?.device}`;
        this.#options.print?.(`ERROR: malformed message from ${from} - ${received}`);
      }
      return;
    }
    const source = upperCase(message.source);
    const destination = upperCase(message.destination);
    const { body } = message;
    if (!this.#admission.open) {
      const known = this.table.find(source) !== undefined;
      const from = line < 0 ? address : `${this.lines[line]?.device}`;
      const reason =
        this.#admission.refuseName(source, line < 0 ? address : undefined, port) ??
        this.#admission.refuseRate(source, known, from, this.clock.monotonic());
      if (reason !== undefined) {
        this.#refusals.add(reason);
        return;
      }
    }
    if (body !== '' || line >= 0) {
      this.#write(received);
    }
    if (this.verbose) {
      this.#options.print?.(`<< ${received} >>`);
    }
    if (!this.#enter(source, address, port, line)) {
      return;
    }
    if (this.#watchers.watched) {
      this.#watchers.push({ at: this.clock.wall(), direction: 'received', source, destination, body });
    }
    if (body === '') {
      this.#heartbeat(source, address, port, line);
      return;
    }
    const reply = (answer: string): void => this.#reply(source, answer, address, port, line);
    if (destination === this.#upperId) {
      this.#command(source, body, reply);
      return;
    }
    const broadcast = destination === 'AL' || (destination === 'ALL' && this.#aliasAll());
    if (broadcast) {
      this.#command(source, body, reply);
      this.#broadcast(encodeImp(source, 'AL', body), source, address, port, line);
      return;
    }
    const host = this.table.find(destination);
    if (!host) {
      reply(`ERROR: No Route to Destination Host ${destination} - host is unknown/unlisted`);
    } else if (line < 0 && leadsTo(host.route, address, port) && !host.returns.allow(this.clock.monotonic())) {
      this.#refusals.add(`messages for ${destination} go round between us and ${address}:${port}`);
    } else {
      this.#sendTo(host, encodeImp(source, destination, body));
    }
  }

  #unanswerable(address: string, port: number): string | undefined {
    const { isOwnAddress: isOwn = () => false } = this.#options;
    return unanswerable(address, port, { port: this.port, listen: this.#config.listen, isOwn });
  }

  #aliasAll(): boolean {
    return this.#config.aliasAll && this.table.find('ALL') === undefined;
  }

  /** False: the table is full, which was answered (spec/isis.md 3.3). */
  #enter(name: string, address: string, port: number, line: number): boolean {
    const now = this.clock.monotonic();
    const known = this.table.find(name);
    if (known) {
      known.heard = now;
      const { route } = known;
      const same =
        route.kind === 'udp' ? route.port === port && route.address === address && line < 0 : route.line === line;
      if (!same) {
        known.route = line < 0 ? udpRoute(address, port) : { kind: 'serial', line };
        // Commands such as isisCmd use a new port each time: not worth an event.
        if (route.kind !== 'udp' || line >= 0 || route.address !== address) {
          this.#event({ kind: 'host-moved', host: name, text: `${name} moved to ${this.#where(known.route)}` });
        }
      }
      return true;
    }
    const route: Route = line < 0 ? udpRoute(address, port) : { kind: 'serial', line };
    const host = this.table.add(name, route, now, (failed, error) => this.#sendFailed(failed, error));
    if (host) {
      const text =
        line < 0
          ? `Added UDP Client ${name} on host ${address}:${port}`
          : `Added Serial Client ${name} on device ${this.lines[line]?.device}`;
      this.#write(text);
      this.#event({ kind: 'host-added', host: name, text });
      return true;
    }
    const text =
      line < 0
        ? `ERROR: Host Table Full, cannot create entry for network client ${name}`
        : `ERROR: ISIS Host Table Full, cannot create entry for tty port client ${name}`;
    this.#write(text);
    this.#event({ kind: 'table-full', host: name, text });
    const answer = `ERROR: ${line < 0 ? '' : 'ISIS '}Server Host Table Full, Cannot Service Request`;
    this.#transmit(encodeImp(this.id, name, answer), address, port, line);
    return false;
  }

  #heartbeat(source: string, address: string, port: number, line: number): void {
    if (line < 0) {
      const text = `heartbeat ${source} (${address}:${port})`;
      this.#write(text);
      this.#options.print?.(text);
    } else {
      this.#options.print?.(`heartbeat ${source} (${this.lines[line]?.device})`);
    }
  }

  #command(source: string, body: string, reply: (text: string) => void): void {
    if (this.#options.print && (isTyped(body) || /^pong( |$)/i.test(body))) {
      this.#options.print(`${source}> ${body}`);
    }
    execute(this, body, reply);
  }

  /** Answers the sender at its source address: it may have removed itself from the table. */
  #reply(name: string, answer: string, address: string, port: number, line: number): void {
    this.#write(`${this.id}>${name} ${answer}`);
    if (this.verbose) {
      this.#options.print?.(`${this.id}>${name} ${answer}`);
    }
    this.#transmit(encodeImp(this.id, name, answer), address, port, line, this.table.find(name));
    if (this.#watchers.watched) {
      const source = this.id;
      this.#watchers.push({ at: this.clock.wall(), direction: 'sent', source, destination: name, body: answer });
    }
  }

  #transmit(data: string, address: string, port: number, line: number, host?: IsisHost): void {
    const sent = host?.sent ?? ((error: string | undefined) => this.#answerFailed(address, port, line, error));
    if (line < 0) {
      this.udp.send(data, address, port, sent);
    } else {
      this.lines[line]?.write(data, sent);
    }
  }

  #answerFailed(address: string, port: number, line: number, error: string | undefined): void {
    if (error !== undefined) {
      const to = line < 0 ? `${address}:${port}` : `${this.lines[line]?.device}`;
      this.#event({ kind: 'send-failed', text: `An answer to ${to} was not sent: ${error}` });
    }
  }

  #sendTo(host: IsisHost, data: string): void {
    const { route } = host;
    if (route.kind === 'udp') {
      this.udp.send(data, route.address, route.port, host.sent);
    } else {
      this.lines[route.line]?.write(data, host.sent);
    }
  }

  #broadcast(data: string, except: string, address: string, port: number, fromLine: number): void {
    this.#toLines(data, fromLine);
    this.#toHosts(data, fromLine < 0 ? except : undefined, address, port);
  }

  /**
   * Every host on UDP except one, and except those at its source: that may be another server, which would send it
   * back to us. Hosts on serial lines are reached by `#toLines`.
   */
  #toHosts(data: string, except?: string, address = '', port = 0): void {
    for (const host of this.table) {
      if (host.route.kind === 'udp' && host.name !== except && !leadsTo(host.route, address, port)) {
        this.udp.send(data, host.route.address, host.route.port, host.sent);
      }
    }
  }

  /** Every configured serial port once, also those on which no host has spoken. */
  #toLines(data: string, except: number): void {
    this.lines.forEach((port, line) => {
      if (line !== except) {
        port.write(data, (error) => {
          if (error !== undefined) {
            this.#write(`ERROR: Serial Port write() Error on ${port.device} - ${error}`);
            this.#event({ kind: 'send-failed', text: `Nothing was written to ${port.device}: ${error}` });
          }
        });
      }
    });
  }

  /** A message of the server's own (console, shutdown) to one host or, with AL, to everybody. False: unknown host. */
  say(destination: string, body: string): boolean {
    const name = upperCase(destination);
    const host = this.table.find(name);
    if (name !== 'AL' && !host) {
      return false;
    }
    // For a host the name is sent as typed, as in the original.
    const data = encodeImp(this.id, host ? destination : name, body);
    this.#write(data.slice(0, -1));
    if (this.#watchers.watched) {
      this.#watchers.push({ at: this.clock.wall(), direction: 'sent', source: this.id, destination: name, body });
    }
    if (host && name !== 'AL') {
      this.#sendTo(host, data);
    } else {
      this.#broadcast(data, '', '', 0, -1);
    }
    return true;
  }

  /** PING to every serial line and every preset port (spec/isis.md 5). */
  handshake(): void {
    const { udpPorts } = this.#config;
    if (this.lines.length === 0 && udpPorts.length === 0) {
      this.#write('NOTICE: No open serial ports or preset UDP socket ports defined, no initial handshaking done.');
      return;
    }
    const ping = encodeImp(this.id, 'AL', 'PING');
    for (const line of this.lines) {
      line.flush();
    }
    this.#toLines(ping, -1);
    udpPorts.forEach(({ address, port }, n) => {
      if (!isDottedQuad(address)) {
        this.#write(`ERROR: Preset UDP socket port ${n} has invalid host IPAddress '${address}'`);
        return;
      }
      this.udp.send(ping, address, port, (error) => {
        this.#write(`ERROR: Network Socket sendto() Error, Preset ${n} (${address}:${port}) - ${error}`);
        this.#event({ kind: 'send-failed', text: `Preset port ${address}:${port} was not pinged: ${error}` });
      });
    });
  }

  /** Executes a command typed at the console; the answer goes to `answer` and to nobody else. */
  typed(body: string, answer: (text: string) => void): void {
    execute(this, body, answer);
  }

  setLogging(on: boolean): void {
    this.logging = on;
    this.#config.log = on;
  }

  /** Replaces the socket or the lines. Hosts stay, except those on a line that is gone. */
  rewire({ udp, lines, port }: Pick<IsisServerOptions, 'udp' | 'lines' | 'port'>): void {
    const before = this.lines;
    this.udp = udp;
    this.lines = lines;
    this.port = port;
    for (const host of [...this.table]) {
      if (host.route.kind === 'serial') {
        const { device } = before[host.route.line] as SerialPort;
        const line = lines.findIndex((one) => one.device === device);
        host.route = { kind: 'serial', line };
        if (line < 0) {
          this.forget(host, 'host-removed', `Host ${host.name} was on ${device}, which is no longer a line`);
        }
      } else if (this.#unanswerable(host.route.address, host.route.port) !== undefined) {
        this.forget(host, 'host-removed', `Host ${host.name} was where this server is now`);
      }
    }
  }

  /**
   * Reads the configuration again and pings everybody; hosts stay. Resolves with the reason if it could not. One at a
   * time: otherwise an earlier reading could come into force later.
   */
  restart(): Promise<string | undefined> {
    const restarted = this.#restarted.then(() => this.#restart());
    this.#restarted = restarted.catch(() => undefined);
    return restarted;
  }

  async #restart(): Promise<string | undefined> {
    const config = (await this.#options.reload?.()) ?? 'there is no configuration file to read again';
    if (typeof config === 'string') {
      return config;
    }
    this.#config = config;
    this.#admission = new Admission(config);
    this.#upperId = upperCase(config.serverId);
    this.verbose = config.verbose;
    this.logging = config.log;
    for (const host of this.table.resize(config.maxHosts)) {
      this.#event({ kind: 'host-removed', host: host.name, text: `${host.name} has no slot any more` });
    }
    this.#event({ kind: 'restarted', text: `Configuration ${this.rcFile} was read again` });
    this.handshake();
    this.#toHosts(encodeImp(this.id, 'AL', 'PING'));
    return undefined;
  }

  forget(host: IsisHost, kind: 'host-removed' | 'host-expired', text: string): void {
    this.table.remove(host);
    this.#event({ kind, host: host.name, text });
  }

  /** Forgets hosts that were silent longer than HostExpiry; the owner calls it now and then. */
  expire(): void {
    const { hostExpiry } = this.#config;
    const oldest = this.clock.monotonic() - hostExpiry * 1000;
    for (const host of hostExpiry > 0 ? [...this.table] : []) {
      if (host.heard < oldest) {
        const text = `Host ${host.name} was silent for ${hostExpiry} s and removed from the host table`;
        this.#write(text);
        this.forget(host, 'host-expired', text);
      }
    }
  }

  quit(): void {
    if (!this.about.console) {
      this.#write('Executive server shutdown request received');
    }
    this.#event({ kind: 'quit', text: 'The server was asked to end (EXEC: QUIT)' });
    this.#options.onQuit();
  }

  #sendFailed(host: IsisHost, error: string): void {
    const { route } = host;
    this.#write(
      route.kind === 'udp'
        ? `ERROR: Network Socket sendto() Error, Client ${host.slot} (${host.name}) - ${error}`
        : `ERROR: Serial Port write() Error on ${this.lines[route.line]?.device}, Client ${host.slot} (${host.name}) - ${error}`,
    );
    this.#event({ kind: 'send-failed', host: host.name, text: `A message to ${host.name} was not sent: ${error}` });
  }

  #where(route: Route): string {
    return route.kind === 'udp' ? `${route.address}:${route.port}` : `${this.lines[route.line]?.device}`;
  }

  #write(text: string): void {
    if (this.logging) {
      this.log.write(text);
    }
  }

  #event(event: IsisEvent): void {
    this.#options.event(event);
  }
}
