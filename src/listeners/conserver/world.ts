/** The consoles of a host server that conserver serves, and their configuration. */

import type { ConsoleRecord } from '../../grammar/conserver/records.ts';
import { escapeText } from '../../grammar/conserver/values.ts';
import { matchesGlob } from '../../grammar/text/glob.ts';
import type { ConsoleConfig } from '../../model/config.ts';
import type { ConserverDetails, ConserverListener, ConserverRights } from '../../model/conserver-config.ts';
import type { ConsolePort } from '../../model/console-port.ts';
import { ConserverConsole, type ConsoleProgram, type ConsoleServices } from './console.ts';
import { ListingOrder } from './model/listing-order.ts';
import { notice } from './model/remark.ts';
import { onWire } from './model/rows.ts';
import type { WorldConfig } from './model/world-config.ts';

/** Differences where conserver is the whole program (`bin/conserver`). */
export interface WorldProgram extends ConsoleProgram {
  /** The settings of a console in its conserver.cf. */
  readonly record: (config: ConsoleConfig) => ConsoleRecord | undefined;
  /** Consoles of a group, which the order of the tables follows; absent: as many as conserver has. */
  readonly groupMembers?: number | undefined;
}

export interface WorldParts extends ConsoleServices {
  readonly program?: WorldProgram | undefined;
  readonly hostname: string;
}

export class World {
  readonly #parts: WorldParts;
  readonly #order: ListingOrder;
  readonly #consoles = new Map<string, ConserverConsole>();
  /** The same in the order of the tables. */
  #listed: readonly ConserverConsole[] = [];
  #listener: ConserverListener;
  #isThisHost: (name: string) => boolean;

  /** `isThisHost` tells which of the masters of `remotes` are this machine. */
  constructor(listener: ConserverListener, isThisHost: (name: string) => boolean, parts: WorldParts) {
    this.#listener = listener;
    this.#isThisHost = isThisHost;
    this.#parts = parts;
    this.#order = new ListingOrder(parts.program?.groupMembers);
  }

  get consoles(): readonly ConserverConsole[] {
    return this.#listed;
  }

  get config(): WorldConfig {
    const { remotes, breaks, tasks, autocomplete, redirect, hostNames } = this.#listener;
    return {
      // If two have the name, ours.
      remotes: remotes.filter(({ name, master }) => !this.#isThisHost(master) && !this.#consoles.has(name)),
      breaks: new Map(Object.entries(breaks)),
      tasks: new Map(Object.entries(tasks)),
      ...{ access: this.#listener, autocomplete, redirect, hostNames },
    };
  }

  /** Another configuration of the listener; users who lose rights are told. */
  configure(listener: ConserverListener, isThisHost: (name: string) => boolean): void {
    this.#listener = listener;
    this.#isThisHost = isThisHost;
  }

  /** The line of a console is about to be closed and opened again. */
  reset(name: string): void {
    this.#consoles.get(name)?.tellAll(notice('Conserver reconfigured - console reset'));
  }

  /** The current consoles of the host, as and in the order in which they are configured: sessions of those that stay are left alone. */
  follow(all: readonly ConsolePort[], configured: readonly ConsoleConfig[]): void {
    const configs = new Map(configured.map((config) => [config.name, config]));
    const wanted = all.filter((console) => this.#serves(console));
    const names = new Set(wanted.map(({ name }) => name));
    for (const [name, console] of this.#consoles) {
      if (!names.has(name)) {
        console.remove();
        this.#consoles.delete(name);
      }
    }
    for (const console of wanted) {
      const record = this.#record(console.name, configs.get(console.name) ?? console.config);
      const known = this.#consoles.get(console.name);
      if (known?.isOf(console)) {
        known.record = record;
        known.reviewAll();
      } else {
        known?.remove();
        this.#consoles.set(console.name, new ConserverConsole(console, record, this.#parts));
      }
    }
    this.#listed = this.#order.arrange(wanted.map(({ name }) => this.#consoles.get(name) as ConserverConsole));
  }

  /** The console ends. */
  forget(name: string): void {
    const gone = this.#consoles.get(name);
    gone?.remove();
    this.#consoles.delete(name);
    this.#listed = this.#listed.filter((console) => console !== gone);
  }

  /** The listener ends; the consoles go on. */
  close(): void {
    for (const console of this.consoles) {
      console.tasks.stop();
    }
  }

  #serves({ name, config }: ConsolePort): boolean {
    return this.#listener.consoles.some((pattern) =>
      pattern.startsWith('@') ? config.groups.includes(pattern.slice(1)) : matchesGlob(pattern, name),
    );
  }

  #record(name: string, config: ConsoleConfig): ConsoleRecord {
    return this.#parts.program?.record(config) ?? this.#recordOf(name, config);
  }

  #recordOf(name: string, config: ConsoleConfig): ConsoleRecord {
    const { aliases, details, place } = this.#listener;
    const said: Partial<ConserverDetails> = details.get(name) ?? {};
    const rights = this.#rights(name, said);
    // One line, or the client's handshake would take the second for an answer.
    const description = config.description.replace(/\s+/g, ' ').trim();
    const motd = said.motd ?? (onWire(description) || undefined);
    return {
      at: { ...place, column: 1 },
      name,
      aliases: [
        ...(said.aliases ?? []),
        ...Object.entries(aliases).flatMap(([alias, of]) => (of === name ? [onWire(alias)] : [])),
      ],
      ...lineOf(config.source),
      master: this.#parts.hostname,
      ...(motd !== undefined && { motd }),
      ...(config.log && { logfile: onWire(config.log.path) }),
      ...{ break: said.break ?? '1', breaklist: said.breaklist ?? '*', tasklist: said.tasklist ?? '*' },
      ...lineDetails(config),
      ...{ initspinmax: 0, initspintimer: 0 },
      options: {
        ...{ hupcl: false, cstopb: false, crtscts: false, ixon: false, ixany: false, ixoff: false },
        ...{ ondemand: config.open === 'on-demand', reinitoncc: config.open === 'on-entry', autoreinit: true },
        ...{ striphigh: config.stripHigh === true, unloved: config.unloved === true },
        login: said.login ?? true,
      },
      rw: rights.write,
      ro: rights.read,
      values: { c: name },
    };
  }

  #rights(name: string, { write, read }: Partial<ConserverRights>): ConserverRights {
    const { rights, everybody } = this.#listener;
    return write && read ? { write, read } : (rights.find(({ pattern }) => matchesGlob(pattern, name)) ?? everybody);
  }
}

/** What `console -i` shows of it, in the words of a conserver.cf. */
function lineDetails({
  idle,
  init,
  log,
}: ConsolePort['config']): Pick<ConsoleRecord, 'idletimeout' | 'idlestring' | 'initcmd' | 'timestamp'> {
  return {
    idletimeout: idle ? Math.round(idle.after / 1000) : 0,
    idlestring: escapeText(idle ? onWire(idle.send) : '\n'),
    ...(init && { initcmd: onWire(init.command) }),
    ...(log?.marks && { timestamp: log.marks }),
  };
}

type Line = Pick<ConsoleRecord, 'type' | 'protocol'> &
  Partial<Pick<ConsoleRecord, 'exec' | 'uds' | 'device' | 'baud' | 'parity' | 'host' | 'port'>>;

/** The source in terms of conserver. */
function lineOf(source: ConsolePort['config']['source']): Line {
  switch (source.kind) {
    case 'run':
      return { type: 'exec', protocol: 'raw', exec: onWire(source.argv.join(' ')) };
    case 'unix':
      return { type: 'uds', protocol: 'raw', uds: onWire(source.path) };
    case 'serial':
      return {
        type: 'device',
        protocol: 'raw',
        device: onWire(source.path),
        baud: `${source.baud}`,
        parity: source.parity,
      };
    case 'none':
      return { type: 'noop', protocol: 'raw' };
    default:
      return {
        type: 'host',
        protocol: source.kind === 'tcp' ? 'raw' : 'telnet',
        host: source.host,
        port: source.port,
      };
  }
}
