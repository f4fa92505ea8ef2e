/** The settings of a conserver.cf and the command line of `conserver` together (spec/conserver.md 7). */
import type { ConserverOptions } from '../cli/conserver/options.ts';
import type { LoadedConserver } from '../config/load-conserver-cf.ts';
import type { ConsoleOption, ConsoleRecord } from '../grammar/conserver/records.ts';
import type { WorldConfig } from '../listeners/conserver/model/world-config.ts';

/** The command line wins over the file. */
export function worldConfig({ config, isThisHost }: LoadedConserver, options: ConserverOptions): WorldConfig {
  const { settings, breaks, tasks, access } = config;
  const forced: Partial<Record<ConsoleOption, boolean>> = {
    ...(options.stripHigh && { striphigh: true }),
    ...(options.noAutoReinit && { autoreinit: false }),
    ...(options.onDemand && { ondemand: true }),
    ...(options.reinitOnConnect && { reinitoncc: true }),
    ...(options.unloved && { unloved: true }),
  };
  const all = config.consoles.map(
    (record): ConsoleRecord => ({ ...record, options: { ...record.options, ...forced } }),
  );
  return {
    consoles: all.filter(({ master }) => isThisHost(master)),
    remotes: all.filter(({ master }) => !isThisHost(master)),
    ...{ breaks, tasks, access, isThisHost },
    defaultAccess: options.defaultAccess ?? settings.defaultaccess ?? 'rejected',
    autocomplete: settings.autocomplete ?? true,
    redirect: options.redirect && (settings.redirect ?? true),
    hostNames: settings.loghostnames ?? true,
    ...(options.groupMembers !== undefined && { groupMembers: options.groupMembers }),
  };
}
