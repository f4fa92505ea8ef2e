/** All services of the host: each call goes to all of them, in the order of the list. */
import type { UnopenedEndpoint } from '../model/api.ts';
import type { FailedStep, HostConfig, PlanStep } from '../model/config.ts';
import type { ConsolePort } from '../model/console-port.ts';
import type { HostService } from '../model/host-service.ts';

/** The results of the steps of a plan. */
export interface Applied {
  readonly steps: readonly PlanStep[];
  readonly failed: readonly FailedStep[];
}

export type ServiceOrder = 'after consoles' | 'others';

export class Services {
  readonly #list: HostService[] = [];

  add(...services: readonly HostService[]): void {
    this.#list.push(...services);
  }

  /** Applies the first configuration to some of them. Rejects if one fails. */
  async open(config: HostConfig, which: ServiceOrder): Promise<void> {
    for (const service of this.#list) {
      if ((service.afterConsoles === true) === (which === 'after consoles')) {
        await service.apply?.(config);
      }
    }
  }

  plan(next: HostConfig): PlanStep[] {
    return this.#list.flatMap((service) => service.plan?.(next) ?? []);
  }

  /** A failing one does not block the others. */
  async apply(next: HostConfig): Promise<Applied> {
    const steps: PlanStep[] = [];
    const failed: FailedStep[] = [];
    for (const service of this.#list) {
      const planned = service.plan?.(next) ?? [];
      try {
        steps.push(...((await service.apply?.(next)) ?? []));
      } catch (error) {
        const left = service.plan?.(next) ?? [];
        steps.push(...planned.filter((step) => !left.some((other) => isSame(step, other))));
        failed.push(...failedSteps(service.name, left, (error as Error).message));
      }
    }
    return { steps, failed };
  }

  consoleCame(console: ConsolePort): void {
    for (const service of this.#list) {
      service.consoleCame?.(console);
    }
  }

  consoleChanged(console: ConsolePort, reset: boolean): void {
    for (const service of this.#list) {
      service.consoleChanged?.(console, reset);
    }
  }

  consoleWent(name: string): void {
    for (const service of this.#list) {
      service.consoleWent?.(name);
    }
  }

  unopened(console: string): UnopenedEndpoint[] {
    return this.#list.flatMap((service) => service.unopened?.(console) ?? []);
  }

  /** All at the same time: each has its own patience with its clients. */
  async close(): Promise<void> {
    await Promise.all(this.#list.map((service) => service.close()));
  }
}

/** The rest of a plan; a service that fails without its own step counts as one. */
function failedSteps(name: string, left: readonly PlanStep[], reason: string): FailedStep[] {
  return left.length === 0
    ? [{ action: 'change', console: `[${name}]`, reason }]
    : left.map(({ action, console }) => ({ action, console, reason }));
}

function isSame(a: PlanStep, b: PlanStep): boolean {
  return a.action === b.action && a.console === b.console;
}
