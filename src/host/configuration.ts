/**
 * The configuration in force, and the steps to the one on disk: the differences are a plan, and each step is done or
 * stays in it.
 */
import { createHash } from 'node:crypto';
import type { PlanResult } from '../model/api.ts';
import type {
  ConfigProblem,
  ConsoleConfig,
  FailedStep,
  HostConfig,
  PlanStep,
  ServerChange,
  ServerConfig,
} from '../model/config.ts';
import { HoldfastError } from '../model/errors.ts';
import type { Principal } from '../model/principal.ts';
import { comparePlan, inForce, type Resets, serverChanges, serverInForce, withUnread } from './plan.ts';
import { planDifferences } from './plan-differences.ts';
import type { Applied, Services } from './services.ts';

/** The configuration read from disk. */
export interface ReadConfig {
  /** Absent if there are problems. */
  readonly config?: HostConfig;
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigProblem[];
  /** Digest of everything that was read. */
  readonly digest?: string;
}

/** The changes that a configuration would make. */
interface Changes {
  readonly ofConsoles: readonly PlanStep[];
  readonly steps: readonly PlanStep[];
  readonly server: readonly ServerChange[];
}

export interface ConfigFiles<Read extends ReadConfig = ReadConfig> {
  /** Reads the files again. */
  load(): Promise<Read>;
  /** The files have been applied; `whole`: without any failure. */
  applied(read: Read, whole: boolean): void;
}

/** The operations of a configuration on consoles. Every step may reject: then the console is unchanged. */
export interface ConsoleSteps {
  /** Creates it, with all others of this configuration; it begins when the returned function is called. */
  add(config: ConsoleConfig): Promise<() => void>;
  change(config: ConsoleConfig, by: Principal): Promise<void>;
  /** Resolves when its process has ended. */
  remove(name: string, by: Principal): Promise<void>;
  /** Calls the functions that `add` has returned, in an order of starts that fits all of them. */
  begin(added: readonly (() => void)[]): void;
}

export interface ConfigurationParts {
  readonly first: HostConfig;
  readonly files: ConfigFiles;
  readonly consoles: ConsoleSteps;
  readonly services: Services;
  readonly resets?: Resets | undefined;
  /** Rejects while a step might wait for a holder that does not answer. */
  readonly mayApply: () => Promise<void>;
  /** Called for every apply that changed, or should have changed, something. */
  readonly applied: (result: Applied, by: Principal) => void;
}

export class Configuration {
  readonly #parts: ConfigurationParts;
  #config: HostConfig;
  /** Of `[server]`: not everything that was applied, until a restart. */
  #inForce: ServerConfig;
  #applying: Promise<unknown> = Promise.resolve();

  constructor(parts: ConfigurationParts) {
    this.#parts = parts;
    this.#config = parts.first;
    this.#inForce = parts.first.server;
  }

  /** In force: the consoles that were applied without a failure. */
  get config(): HostConfig {
    return this.#config;
  }

  /** `instead`: of what the files say. */
  async plan(instead?: HostConfig): Promise<PlanResult> {
    const given = instead && { config: instead, problems: [], warnings: [] };
    const read: ReadConfig = given ?? (await this.#parts.files.load());
    const { config, problems, warnings } = read;
    if (!config) {
      return { problems, steps: [], server: [] };
    }
    const changes = this.#changes(withUnread(this.#config, config));
    const { ofConsoles, server, steps } = changes;
    const differences = instead ? [] : planDifferences(this.#config, config, ofConsoles);
    return {
      ...{ problems, steps, server },
      ...(!instead && { id: idOf(read, changes) }),
      ...(differences.length > 0 && { differences }),
      ...warned(warnings),
    };
  }

  /** One at a time: a second one sees the result of the first. `plan`: the id of the only one that is meant. */
  apply(by: Principal, plan?: string): Promise<PlanResult> {
    return this.#inTurn(async () => {
      const { files, mayApply } = this.#parts;
      // A change that stops halfway, waiting for a holder that may never answer, would be worse than none.
      await mayApply();
      const read = await files.load();
      if (
        plan !== undefined &&
        read.config &&
        plan !== idOf(read, this.#changes(withUnread(this.#config, read.config)))
      ) {
        throw new HoldfastError('HF_PLAN_CHANGED', 'what would be applied has changed since: nothing was applied');
      }
      return this.#apply(by, read);
    });
  }

  /**
   * Folders of consoles that were unreadable can be read: takes the consoles found there if nothing else differs, and
   * returns whether it did; any other difference is for a person to check first.
   */
  takeFound(folders: readonly string[], by: Principal): Promise<boolean> {
    return this.#inTurn(async () => {
      const read = await this.#parts.files.load();
      const { config } = read;
      if (!config || this.#serverChanges(config).length + this.#parts.services.plan(config).length > 0) {
        return false;
      }
      const found = new Set(
        config.consoles.flatMap(({ name, foundIn = '' }) => (folders.includes(foundIn) ? [name] : [])),
      );
      const steps = this.#compare(this.#config, withUnread(this.#config, config));
      if (!steps.every(({ action, console }) => action === 'add' && found.has(console))) {
        return false;
      }
      await this.#parts.mayApply();
      await this.#apply(by, read);
      return true;
    });
  }

  #changes(next: HostConfig): Changes {
    const ofConsoles = this.#compare(this.#config, next);
    return {
      ofConsoles,
      steps: [...ofConsoles, ...this.#parts.services.plan(next)],
      server: this.#serverChanges(next),
    };
  }

  #compare(before: HostConfig, after: HostConfig): PlanStep[] {
    return comparePlan(before, after, this.#parts.resets);
  }

  #serverChanges({ server }: HostConfig): ServerChange[] {
    return serverChanges(this.#inForce, server);
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#applying.then(work);
    this.#applying = result.catch(() => undefined);
    return result;
  }

  async #apply(by: Principal, read: ReadConfig): Promise<PlanResult> {
    const { applied, files } = this.#parts;
    const { problems, warnings } = read;
    if (!read.config) {
      return { problems, steps: [], server: [] };
    }
    const before = this.#config;
    const wanted = withUnread(before, read.config);
    const server = this.#serverChanges(wanted);
    this.#inForce = serverInForce(this.#inForce, wanted.server);
    // New consoles follow the new [server]; consoles are in force once their steps are done.
    this.#config = { ...wanted, consoles: before.consoles };
    const ofConsoles = await this.#applyToConsoles(this.#compare(before, wanted), wanted, by);
    this.#config = { ...wanted, consoles: inForce(before.consoles, wanted.consoles, ofConsoles.failed) };
    const ofServices = await this.#parts.services.apply(wanted);
    const steps = [...ofConsoles.steps, ...ofServices.steps];
    const failed = [...ofConsoles.failed, ...ofServices.failed];
    files.applied(read, failed.length === 0);
    if (steps.length + failed.length > 0) {
      applied({ steps, failed }, by);
    }
    return { problems, steps, server, ...(failed.length === 0 ? {} : { failed }), ...warned(warnings) };
  }

  /** A console whose step fails does not block the others. */
  async #applyToConsoles(planned: readonly PlanStep[], wanted: HostConfig, by: Principal): Promise<Applied> {
    const { consoles } = this.#parts;
    const configs = new Map(wanted.consoles.map((config) => [config.name, config]));
    const failures = new Map<PlanStep, string>();
    const attempt = (step: PlanStep, work: () => Promise<void>): Promise<void> =>
      work().catch((error: Error) => void failures.set(step, error.message));
    const removals = planned.filter(({ action }) => action === 'remove');
    await Promise.all(removals.map((step) => attempt(step, () => consoles.remove(step.console, by))));
    const stays = new Map(removals.flatMap((step) => (failures.has(step) ? [[step.console, failures.get(step)]] : [])));
    const added: (() => void)[] = [];
    for (const step of planned.filter(({ action }) => action !== 'remove')) {
      const config = configs.get(step.console) as ConsoleConfig;
      await attempt(step, async () => {
        if (stays.has(step.console)) {
          throw new Error(`the one before it could not be removed: ${stays.get(step.console)}`);
        }
        if (step.action === 'change') {
          await consoles.change(config, by);
        } else {
          added.push(await consoles.add(config));
        }
      });
    }
    consoles.begin(added);
    return {
      steps: planned.filter((step) => !failures.has(step)),
      failed: [...failures].map(([{ action, console }, reason]): FailedStep => ({ action, console, reason })),
    };
  }
}

/** Digest of the files and of their changes: equal if both are. */
function idOf({ digest = '' }: ReadConfig, { server, steps }: Changes): string {
  return createHash('sha256')
    .update(JSON.stringify([digest, steps, server]))
    .digest('base64url');
}

function warned(warnings: readonly ConfigProblem[]): Pick<PlanResult, 'warnings'> {
  return warnings.length === 0 ? {} : { warnings };
}
