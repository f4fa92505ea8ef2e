/** The server's information about itself and its holder. */
import type { LagMemory, VersionInfo } from '../model/api.ts';
import type { ConfigProblem } from '../model/config.ts';
import type { Hello } from '../model/holder-protocol.ts';
import type { HolderSilence } from '../model/holder-silence.ts';
import type { MemoryBudget, MemoryFigures } from '../model/memory-budget.ts';
import type { DescriptorGuard } from '../platform/process/descriptors.ts';

export interface VersionParts {
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** The systemd service of this process. */
  readonly service?: NonNullable<VersionInfo['service']>;
  readonly guard: Pick<DescriptorGuard, 'use'>;
  readonly budget: Pick<MemoryBudget, 'figures'>;
  readonly holder: {
    readonly hello: Hello | undefined;
    readonly silence: HolderSilence | undefined;
    memory(): Promise<MemoryFigures | undefined>;
  };
  /** The door to the network. */
  readonly network: () => VersionInfo['network'];
  /** Whether the files differ from the applied configuration, and what was left out of that. */
  readonly files: { changedOnDisk(): Promise<boolean>; readonly leftOut: readonly ConfigProblem[] };
}

export class ServerVersion {
  readonly #parts: VersionParts;

  constructor(parts: VersionParts) {
    this.#parts = parts;
  }

  /** `files`: of the configuration in force. */
  async tell(consoles: number, files: readonly string[]): Promise<VersionInfo> {
    const { version, startedAt, service, guard, budget, holder } = this.#parts;
    const { leftOut } = this.#parts.files;
    const changedOnDisk = await this.#parts.files.changedOnDisk();
    const ofHolder = await holder.memory();
    const { hello, silence } = holder;
    const network = this.#parts.network();
    return {
      ...{ version, pid: process.pid, node: process.version, startedAt: iso(startedAt), consoles },
      ...(service === undefined ? {} : { service }),
      descriptors: guard.use,
      ...(network === undefined ? {} : { network }),
      config: { files, changedOnDisk, ...(leftOut.length === 0 ? {} : { leftOut }) },
      lagMemory: lagMemory(budget.figures),
      holder: {
        pid: hello?.pid ?? 0,
        version: hello?.version ?? '',
        protocol: hello?.protocol ?? 0,
        startedAt: iso(hello?.startedAt ?? 0),
        ...(silence === undefined ? {} : { silent: silence }),
        ...(ofHolder === undefined ? {} : { lagMemory: lagMemory(ofHolder) }),
      },
    };
  }
}

function lagMemory({ short, ...figures }: MemoryFigures): LagMemory {
  return { ...figures, ...(short ? { short: { ...short, since: iso(short.since), last: iso(short.last) } } : {}) };
}

/** `time`: milliseconds since 1970. */
function iso(time: number): string {
  return new Date(time).toISOString();
}
