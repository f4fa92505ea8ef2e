/** The listener settings of a conserver.cf, and its console settings other than lines. Pure. */
import type { ConserverListener } from '../../model/conserver-config.ts';
import { conserverDetails } from './console.ts';
import type { ConserverConfig } from './records.ts';

export type ListenerOfCf = Pick<
  ConserverListener,
  | 'hosts'
  | 'defaultAccess'
  | 'admin'
  | 'limited'
  | 'aliases'
  | 'rights'
  | 'details'
  | 'remotes'
  | 'autocomplete'
  | 'redirect'
  | 'hostNames'
  | 'breaks'
  | 'tasks'
>;

/** `isThisHost`: whether a name is one of this machine. */
export function listenerOfCf(
  { access, breaks, consoles, settings, tasks }: ConserverConfig,
  isThisHost: (name: string) => boolean,
): ListenerOfCf {
  const rules = access.filter(({ name }) => name === '*' || isThisHost(name));
  const ours = consoles.filter(({ master }) => isThisHost(master));
  const others = consoles.filter(({ master }) => !isThisHost(master));
  return {
    hosts: rules.flatMap(({ hosts }) => hosts),
    defaultAccess: settings.defaultaccess ?? 'rejected',
    admin: rules.flatMap(({ admin }) => admin),
    limited: rules.flatMap(({ limited }) => limited),
    ...{ aliases: {}, rights: [] },
    details: new Map(ours.map((record) => [record.name, conserverDetails(record)])),
    remotes: others.map(({ name, aliases, master }) => ({ name, aliases, master })),
    autocomplete: settings.autocomplete ?? true,
    redirect: settings.redirect ?? true,
    hostNames: settings.loghostnames ?? true,
    ...{ breaks: Object.fromEntries(breaks), tasks: Object.fromEntries(tasks) },
  };
}
