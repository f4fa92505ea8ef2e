/** The two ports of a conserver: the master answers for the site, the group port carries all consoles (spec/conserver.md 1). */

import type { Server, Socket } from 'node:net';
import type { TLSSocketOptions } from 'node:tls';
import { LoginLimits } from '../../../access/login-limits.ts';
import type { Passwords } from '../../../access/passwords.ts';
import { peerNetwork } from '../../../access/peer-network.ts';
import type { UserList } from '../../../grammar/conserver/records.ts';
import type { ActingHost, HostDoor } from '../../../model/host-port.ts';
import { type Principal, UNKNOWN } from '../../../model/principal.ts';
import { peerName } from '../../../platform/net/peer-name.ts';
import type { Clock } from '../../../platform/time/clock.ts';
import { LineThrottle } from '../../../platform/time/line-throttle.ts';
import { AccessRules, type InSystemGroup, rightsOn } from '../model/access.ts';
import type { ConsoleHub } from '../model/ports.ts';
import { userAtHost } from '../model/rows.ts';
import type { SharedConsole } from '../model/shared-console.ts';
import { Turns } from '../model/turns.ts';
import type { WorldConfig } from '../model/world-config.ts';
import { findKey } from '../session/escape-keys.ts';
import { ConsoleSession, type SessionServices } from '../session/session.ts';
import { openAcceptor } from './acceptor.ts';
import { ClientConnection } from './client-connection.ts';
import { GROUP_COMMANDS, type GroupContext, seenBy, tableRows, whoRows } from './group-commands.ts';
import { Handshakes } from './handshakes.ts';
import { type LineRules, LineSession } from './line-session.ts';
import { MASTER_COMMANDS, type MasterContext } from './master-commands.ts';
import { UnreadLimit } from './unread-limit.ts';
import { WaitingRoom } from './waiting-room.ts';

export interface ServerParts {
  readonly door: HostDoor;
  readonly world: { readonly config: WorldConfig; readonly consoles: readonly SharedConsole[] };
  readonly hub: ConsoleHub;
  readonly passwords: Passwords;
  readonly memberships: { readonly has: InSystemGroup; readonly learn: (user: string) => Promise<void> };
  readonly hostname: string;
  /** How encryption is done; absent: not at all. */
  readonly tls?: { readonly options: TLSSocketOptions; readonly required: boolean } | undefined;
  /** Whether a connection may stay; a refused one has been told why. */
  readonly admits: (socket: Socket) => boolean;
  readonly say: (text: string) => void;
  /** Called for everybody who may not come in. */
  readonly turnedAway: (by: Principal, why: string) => void;
  /** Reports, only if verbose. */
  readonly inform: (text: string) => void;
  readonly clock: Clock;
}

/** Told to a connection that is closed at once. */
export const NO_DESCRIPTORS = 'this server is out of descriptors: try again later\r\n';

/** How long a connection may take to log in. */
const LOGIN_TIMEOUT_MS = 120_000;
/** Connections that have not logged in: an honest client is one only as long as it takes to type a password. */
const MOST_WAITING = 512;
const HANG_UPS: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE']);

export class ConserverServer {
  readonly #parts: ServerParts;
  readonly #servers: Server[] = [];
  readonly #connections = new Set<ClientConnection>();
  readonly #limits: LoginLimits;
  readonly #waiting = new WaitingRoom<ClientConnection>(MOST_WAITING, (connection) => connection.drop());
  readonly #turns: Turns;
  readonly #unread = new UnreadLimit();
  readonly #handshakes = new Handshakes();
  readonly #faults: LineThrottle;
  #groupPort = 0;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.#limits = new LoginLimits(parts.clock);
    this.#turns = new Turns(parts.clock);
    this.#faults = new LineThrottle(parts.clock, parts.say);
  }

  /** Opens both ports; `groupPort` 0 leaves the choice to the kernel. Rejects with what the system says. */
  async listen(address: string, masterPort: number, groupPort: number): Promise<void> {
    const group = await this.#open(address, groupPort, 'group');
    this.#groupPort = (group.address() as { port: number }).port;
    await this.#open(address, masterPort, 'master');
  }

  /** The port that carries the consoles; 0 before there is one. */
  get groupPort(): number {
    return this.#groupPort;
  }

  /** Accepts no more clients; connected ones stay. */
  stopListening(): void {
    for (const server of this.#servers.splice(0)) {
      server.close();
    }
  }

  /** Accepts no more clients, and sends the text to those connected to a console. */
  close(farewell: string): void {
    this.stopListening();
    // Close the writer last, so that nobody is promoted just before the shutdown.
    const connections = [...this.#connections].sort(
      (one, other) => Number(one.session?.writing ?? false) - Number(other.session?.writing ?? false),
    );
    for (const { session } of connections) {
      if (session?.connected) {
        session.say(farewell);
      }
      session?.end();
    }
    for (const connection of connections) {
      connection.close();
    }
  }

  async #open(host: string, port: number, role: 'master' | 'group'): Promise<Server> {
    const server = await openAcceptor(host, port, {
      welcome: (socket, address) =>
        this.#parts.admits(socket) ? this.#welcome(socket, address, role) : socket.destroy(),
      say: (text) => this.#faults.say(text),
    });
    this.#servers.push(server);
    return server;
  }

  #welcome(socket: Socket, address: string, role: 'master' | 'group'): void {
    const { clock, tls, inform } = this.#parts;
    const peer = peerNetwork(address);
    let who: string | undefined;
    const patience = clock.after(LOGIN_TIMEOUT_MS, () => connection.close());
    const connection = new ClientConnection(socket, {
      ...{ clock, tls: tls?.options, turns: this.#turns, unread: this.#unread },
      handshake: () => this.#handshakes.begin(peer),
      fault: (error: NodeJS.ErrnoException) => {
        const text = `${who ?? address}: ${error.message}`;
        // A peer may hang up silently.
        if (HANG_UPS.has(error.code)) {
          inform(text);
        } else {
          this.#faults.say(text);
        }
      },
      gone: () => {
        waitsNoMore();
        this.#connections.delete(connection);
        if (who !== undefined && connection.session === undefined) {
          inform(`<${role}> logout ${who}`);
        }
      },
    });
    const waitsNoMore = (): void => {
      patience.cancel();
      this.#waiting.leave(peer, connection);
    };
    const admitted = (visitor: string): void => {
      waitsNoMore();
      who = visitor;
      inform(`<${role}> login ${visitor}`);
    };
    this.#connections.add(connection);
    this.#waiting.enter(peer, connection);
    connection.pause(true);
    void peerName(address).then((name) => {
      connection.lines =
        role === 'master'
          ? new LineSession(this.#masterRules(connection, address, name, admitted), connection)
          : new LineSession(this.#groupRules(connection, address, name, admitted), connection);
      connection.pause(false);
    });
  }

  #rules<Context>(
    config: WorldConfig,
    connection: ClientConnection,
    address: string,
    name: string | undefined,
    admitted: (visitor: string) => void,
  ): Omit<LineRules<Context>, 'reader' | 'commands' | 'context'> {
    const { passwords, hostname, tls, turnedAway, say, inform } = this.#parts;
    const access = this.#access(config);
    const host = this.#shownHost(config, address, name);
    return {
      access: access.host({ address, ...(name !== undefined && { name }) }),
      serverName: hostname,
      tls: tls === undefined ? 'none' : tls.required ? 'required' : 'offered',
      accepts: async (user, password) => {
        const accepted = await passwords.accepts(user, password, host);
        if (accepted && password !== '') {
          this.#limits.succeeded(address, user);
        }
        return accepted;
      },
      attempt: (user) => {
        const wait = this.#limits.wait(address, user);
        if (wait === 0) {
          this.#limits.begin(address, user);
        }
        return wait;
      },
      arrives: (user) => (this.#asksForGroups() ? this.#parts.memberships.learn(user) : Promise.resolve()),
      isAdmin: (user) => this.#access(this.#parts.world.config).isAdmin(user),
      onAdmin: (user, word, argument) =>
        inform(`${word} command${argument && ` (of \`${argument}')`} by ${userAtHost({ user, host })}`),
      turnedAway: (user = UNKNOWN, why) =>
        turnedAway({ user, channel: 'conserver', from: address, assurance: 'claimed' }, why),
      onLogin: (user, accepted) => {
        if (accepted) {
          admitted(userAtHost({ user, host }));
        } else {
          const wait = this.#limits.wait(address, user);
          const then = wait > 0 ? `: the next one is looked at in ${Math.ceil(wait / 1000)} s` : '';
          say(`invalid password for ${userAtHost({ user, host })} on port ${connection.localPort}${then}`);
        }
      },
    };
  }

  #access({ access }: WorldConfig): AccessRules {
    return new AccessRules(access, this.#parts.memberships.has);
  }

  /** Whether any list names a group of the system. */
  #asksForGroups(): boolean {
    const { config, consoles } = this.#parts.world;
    const hasGroup = (list: UserList) => list.some(({ name }) => name.startsWith('@'));
    return (
      hasGroup(config.access.admin) ||
      hasGroup(config.access.limited) ||
      consoles.some(({ record: { rw, ro } }) => hasGroup(rw) || hasGroup(ro))
    );
  }

  #shownHost({ hostNames }: WorldConfig, address: string, name: string | undefined): string {
    return hostNames ? (name ?? address) : address;
  }

  #masterRules(
    connection: ClientConnection,
    address: string,
    name: string | undefined,
    admitted: (visitor: string) => void,
  ): LineRules<MasterContext> {
    const { world, hub } = this.#parts;
    const common = this.#rules<MasterContext>(world.config, connection, address, name, admitted);
    const from = this.#shownHost(world.config, address, name);
    const context = async (user: string, assurance: Principal['assurance']): Promise<MasterContext> => ({
      hub,
      acting: await this.#parts.door.as({ user, channel: 'conserver', from, assurance }),
      entries: () => [
        ...world.consoles.map(({ record }) => ({
          ...{ name: record.name, aliases: record.aliases, port: this.#groupPort },
        })),
        ...world.config.remotes.map(({ name: remote, aliases, master }) => ({ name: remote, aliases, master })),
      ],
      groupPorts: () => (world.consoles.length > 0 ? [this.#groupPort] : []),
      localAddress: connection.localAddress,
      lookup: { autocomplete: world.config.autocomplete, redirect: world.config.redirect },
      pid: process.pid,
    });
    return { ...common, reader: 'master', commands: MASTER_COMMANDS, context };
  }

  #groupRules(
    connection: ClientConnection,
    address: string,
    name: string | undefined,
    admitted: (visitor: string) => void,
  ): LineRules<GroupContext> {
    const { world, hostname, clock, inform } = this.#parts;
    const now = (): number => clock.now();
    const common = this.#rules<GroupContext>(world.config, connection, address, name, admitted);
    const host = this.#shownHost(world.config, address, name);
    const access = () => this.#access(world.config);
    const join = async (entry: SharedConsole, acting: ActingHost, user: string) => {
      const session = new ConsoleSession(
        entry,
        {
          acting,
          rights: () => rightsOn(entry, acting, access()),
          limited: () => access().isLimited(user),
        },
        connection,
        this.#services(acting),
      );
      // Before it has entered: the client may leave meanwhile.
      connection.become(session);
      if (!(await session.enter())) {
        connection.become(undefined);
        return undefined;
      }
      inform(`<group> attach ${userAtHost({ user, host })} to ${entry.record.name}`);
      return session.writing ? ('attached' as const) : ('spy' as const);
    };
    const context = async (user: string, assurance: Principal['assurance']): Promise<GroupContext> => {
      const acting = await this.#parts.door.as({ user, channel: 'conserver', from: host, assurance });
      return {
        ...{ acting, user, host, now, autocomplete: world.config.autocomplete },
        consoles: () => world.consoles,
        place: { hostname, pid: process.pid, port: this.#groupPort },
        rights: (entry) => rightsOn(entry, acting, access()),
        join: (entry) => join(entry, acting, user),
      };
    };
    return { ...common, reader: 'group', commands: GROUP_COMMANDS, context };
  }

  #services(acting: ActingHost): SessionServices {
    const { world, hostname, clock } = this.#parts;
    const now = (): number => clock.now();
    const place = { hostname, pid: process.pid, port: this.#groupPort };
    return {
      breaks: () => world.config.breaks,
      tasks: () => world.config.tasks,
      rows: (table, seat) => tableRows(table, seenBy(acting, world.consoles), seat.id, place, now()),
      who: (entry: SharedConsole, seat) => whoRows(entry, seat.id, now()),
      groupName: `${this.#groupPort}`,
      now,
      after: (milliseconds, action) => clock.after(milliseconds, action),
      turns: this.#turns,
      findKey,
    };
  }
}
