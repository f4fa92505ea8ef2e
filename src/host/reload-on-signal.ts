/** SIGHUP: the logs are opened again, the configuration files are applied, and the manager is told when that is done. */
import { problemText } from '../model/config-problem.ts';
import type { HostPort } from '../model/host-port.ts';
import { sender } from '../model/principal.ts';

export interface ReloadParts {
  readonly host: Pick<HostPort, 'apply'>;
  readonly holder: { reopenLogs(): void };
  readonly manager: { reloading(): void; ready(status: string): void };
  readonly status: { readonly text: string };
  /** The changes that could not be applied, line by line. */
  readonly say: (text: string) => void;
}

export async function reloadOnSignal({ host, holder, manager, status, say }: ReloadParts): Promise<void> {
  manager.reloading();
  holder.reopenLogs();
  try {
    const { problems, failed = [] } = await host.apply(sender('SIGHUP'));
    problems.map(problemText).forEach(say);
    failed.map(({ action, console, reason }) => `${action} ${console}: ${reason}`).forEach(say);
  } catch (error) {
    say((error as Error).message);
  }
  manager.ready(status.text);
}
