/** A host in memory as one principal uses it: what `FarHost` is over a connection. */
import { HoldfastError } from '../../src/model/errors.ts';
import type { HostClient, NearHost } from '../../src/model/host-port.ts';
import type { IsisPort } from '../../src/model/isis-port.ts';
import type { Principal } from '../../src/model/principal.ts';

const NO_ISIS: IsisPort = {
  list: async () => [],
  hosts: refuse,
  ports: refuse,
  send: refuse,
  ping: refuse,
  watch: () => {
    throw new HoldfastError('HF_NO_ISIS', 'this host has no ISIS server');
  },
};

async function refuse(): Promise<never> {
  throw new HoldfastError('HF_NO_ISIS', 'this host has no ISIS server');
}

export function actingAs(host: NearHost, by: Principal, isis: IsisPort = NO_ISIS): HostClient {
  return {
    version: () => host.version(),
    list: (filter) => host.list(filter),
    watch: (after, ended) => host.watch(after, ended),
    resources: () => host.resources(),
    detail: (name) => host.detail(name),
    start: (name) => host.start(name, by),
    stop: (name) => host.stop(name, by),
    restart: (name) => host.restart(name, by),
    signal: (name, signal) => host.signal(name, signal, by),
    hold: (name, reason, until) => host.hold(name, reason, until, by),
    release: (name) => host.release(name, by),
    search: (...how) => host.search(...how),
    log: (name, query, ended) => host.log(name, query, ended),
    events: (filter) => host.events(filter),
    enter: (name, { from, mode }, sink) => {
      const session = host.enter(name, by, { from, mode }, sink);
      // Nothing is on the way.
      return Object.assign(session, { acknowledge: () => undefined });
    },
    followEvents: (filter, ended) => host.followEvents(filter, ended),
    plan: () => host.plan(),
    apply: () => host.apply(by),
    down: (all) => host.down(all, by),
    isis: {
      list: () => isis.list(),
      hosts: (name) => isis.hosts(name),
      ports: (name) => isis.ports(name),
      send: (name, to, text, seconds) => isis.send(name, to, text, seconds, by),
      ping: (name, to, seconds) => isis.ping(name, to, seconds),
      watch: (name, filter, ended) => isis.watch(name, filter, ended),
    },
  };
}
