/** The bound of the history, according to the configuration in force. */
import type { HostConfig, PlanStep, ServerConfig } from '../model/config.ts';
import type { HostService } from '../model/host-service.ts';

export class HistoryLimit implements HostService {
  readonly name = 'history';
  bytes: number;

  constructor({ eventsKeep }: Pick<ServerConfig, 'eventsKeep'>) {
    this.bytes = eventsKeep;
  }

  async apply({ server }: Pick<HostConfig, 'server'>): Promise<readonly PlanStep[]> {
    this.bytes = server.eventsKeep;
    return [];
  }

  async close(): Promise<void> {}
}
