/** All consoles of this server and their configuration; applies another one (spec/conserver.md 7.5). */

import type { ConsoleOption, ConsoleRecord, ConsoleType } from '../../../grammar/conserver/records.ts';
import type { ConsoleRights } from '../model/access.ts';
import { ListingOrder } from '../model/listing-order.ts';
import { notice, said } from '../model/remark.ts';
import type { WorldConfig } from '../model/world-config.ts';
import { type ConsoleServices, ServedConsole } from './console.ts';

/** The settings that make up a line of each type: a change closes the line and opens it again. */
const LINES: Readonly<Record<ConsoleType, readonly (keyof ConsoleRecord)[]>> = {
  device: ['device', 'baud', 'parity'],
  exec: ['exec', 'execrunas'],
  host: ['host', 'port', 'protocol'],
  noop: [],
  uds: ['uds'],
};
const TERMINALS: readonly ConsoleType[] = ['device', 'exec'];
const TERMINAL_OPTIONS: readonly ConsoleOption[] = ['ixon', 'ixany', 'ixoff', 'crtscts', 'cstopb', 'hupcl'];

export class ConsoleWorld {
  readonly #services: ConsoleServices;
  readonly #order: ListingOrder;
  #config: WorldConfig;
  /** In the order of the tables. */
  #consoles: readonly ServedConsole[];

  constructor(config: WorldConfig, services: ConsoleServices) {
    this.#services = services;
    this.#config = config;
    this.#order = new ListingOrder(config.groupMembers);
    this.#consoles = this.#order.arrange(config.consoles.map((record) => new ServedConsole(record, services)));
  }

  get config(): WorldConfig {
    return this.#config;
  }

  get consoles(): readonly ServedConsole[] {
    return this.#consoles;
  }

  /** Opens every line that is not opened on demand; resolves when each is up or will be retried. */
  async start(): Promise<void> {
    await Promise.all(this.#consoles.map((entry) => startUp(entry)));
  }

  /** Opens lines that are down. */
  bringUp(): void {
    for (const entry of this.#consoles) {
      if (entry.state === 'down' && !(entry.record.options.ondemand && !entry.wanted)) {
        if (entry.record.type === 'host') {
          entry.say('console initializing');
        }
        void entry.open();
      }
    }
  }

  reopenLogs(): void {
    for (const { log } of this.#consoles) {
      log.reopen();
    }
  }

  /** `rights` of a user under the new configuration. */
  apply(config: WorldConfig, rights: (user: string, record: ConsoleRecord) => ConsoleRights): void {
    const before = new Map(this.#consoles.map((entry) => [entry.record.name.toLowerCase(), entry]));
    this.#config = config;
    const started: ServedConsole[] = [];
    const consoles = config.consoles.map((record) => {
      const known = before.get(record.name.toLowerCase());
      before.delete(record.name.toLowerCase());
      const entry = known ?? new ServedConsole(record, this.#services);
      if (known === undefined) {
        started.push(entry);
      } else if (isReset(known.record, record)) {
        known.tellAll(notice('Conserver reconfigured - console reset'));
        known.reset(record);
        started.push(entry);
      } else {
        known.configure(record);
      }
      return entry;
    });
    this.#consoles = this.#order.arrange(consoles);
    for (const entry of before.values()) {
      removeAll(entry);
    }
    for (const entry of this.#consoles) {
      applyRights(entry, (user) => rights(user, entry.record));
    }
    for (const entry of started) {
      void startUp(entry);
    }
  }

  async shutDown(): Promise<void> {
    await Promise.all(this.#consoles.map((entry) => entry.shutDown()));
  }
}

async function startUp(entry: ServedConsole): Promise<void> {
  if (!entry.record.options.ondemand || entry.wanted) {
    await entry.open();
  }
}

function isReset(before: ConsoleRecord, after: ConsoleRecord): boolean {
  const { type, options } = after;
  const keys = ['type', 'logfile', 'initrunas', ...LINES[type]] as const;
  return (
    keys.some((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key])) ||
    (TERMINALS.includes(type) && TERMINAL_OPTIONS.some((option) => before.options[option] !== options[option]))
  );
}

function removeAll(entry: ServedConsole): void {
  for (const seat of entry.seats.all()) {
    seat.hear(notice('Conserver reconfigured - console has been (re)moved'));
    seat.closed();
  }
  void entry.shutDown();
}

function applyRights(entry: ServedConsole, rights: (user: string) => ConsoleRights): void {
  for (const seat of entry.seats.all()) {
    const now = rights(seat.user);
    if (now === 'none') {
      seat.hear(said('Conserver reconfigured - access denied'));
      seat.closed();
    } else if ((now === 'write') !== seat.mayWrite) {
      seat.hear(said(`Conserver reconfigured - r/w access ${now === 'write' ? 'granted' : 'removed'}`));
      entry.seats.setMayWrite(seat, now === 'write');
    }
  }
}
