/** The ISIS servers of a host over its control API. */
import type { EndSignal } from '../model/end-signal.ts';
import type { Reason } from '../model/host-port.ts';
import type {
  IsisFilter,
  IsisHostInfo,
  IsisMessage,
  IsisPort,
  IsisPorts,
  IsisReply,
  IsisSummary,
  IsisTraffic,
} from '../model/isis-port.ts';
import { queryText } from './query-text.ts';
import type { Requests } from './requests.ts';

export class FarIsis implements IsisPort<Reason> {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  list(): Promise<readonly IsisSummary[]> {
    return this.#requests.get('/v1/isis');
  }

  hosts(name: string): Promise<readonly IsisHostInfo[]> {
    return this.#requests.get(path(name, 'hosts'));
  }

  ports(name: string): Promise<IsisPorts> {
    return this.#requests.get(path(name, 'ports'));
  }

  send(name: string, to: string, text: string, seconds: number, reason?: string): Promise<IsisReply> {
    return this.#requests.post(path(name, 'send'), { to, text, seconds, reason });
  }

  ping(name: string, to: string, seconds: number): Promise<IsisReply> {
    return this.#requests.post(path(name, 'ping'), { to, seconds });
  }

  async *watch(name: string, filter: IsisFilter, ended: EndSignal): AsyncGenerator<IsisTraffic> {
    type Line = IsisMessage | { readonly missed: number };
    for await (const line of this.#requests.documents<Line>(
      `${path(name, 'watch')}${queryText({ ...filter })}`,
      ended,
    )) {
      yield 'missed' in line ? { messages: [], missed: line.missed } : { messages: [line], missed: 0 };
    }
  }
}

function path(name: string, what: string): string {
  return `/v1/isis/${encodeURIComponent(name)}/${what}`;
}
