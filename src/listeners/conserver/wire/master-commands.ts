/** Commands of the master port after login (spec/conserver.md 2.4). */
import { CONSERVER_VERSION } from '../../../codec/conserver-wire.ts';
import type { ActingHost } from '../../../model/host-port.ts';
import { type Findable, findConsole, type LookupRules } from '../model/lookup.ts';
import type { ConsoleHub } from '../model/ports.ts';
import type { LineAnswer, LineCommand } from './line-session.ts';

/** The context of a master command. */
export interface MasterContext {
  readonly hub: ConsoleHub;
  /** The host as the user that asks uses it. */
  readonly acting: ActingHost;
  /** All consoles of the site; the local ones with the port that serves them. */
  readonly entries: () => readonly (Findable & { readonly port?: number })[];
  readonly groupPorts: () => readonly number[];
  /** Address that the client reached us under. */
  readonly localAddress: string;
  readonly lookup: LookupRules;
  readonly pid: number;
}

const line = (text: string): LineAnswer => ({ text: `${text}\r\n` });

export const MASTER_COMMANDS: readonly LineCommand<MasterContext>[] = [
  { word: 'call', help: 'which port or server has a console: call NAME', needsArgument: true, run: call },
  { word: 'groups', help: 'ports of the consoles', run: ({ groupPorts }) => line(groupPorts().join(':')) },
  { word: 'master', help: 'all servers', run: masters },
  { word: 'pid', help: 'process number', run: ({ pid }) => line(`${pid}`) },
  { word: 'version', help: 'version of the server', run: () => line(`version \`${CONSERVER_VERSION}'`) },
  {
    word: 'newlogs',
    help: 'reopen the log files',
    admin: 'reopenLogs',
    run: async ({ hub, acting }) => {
      await hub.reopenLogs(acting);
      return line('ok -- opening new logfiles');
    },
  },
  {
    word: 'quit',
    help: 'end the server',
    admin: 'down',
    run: async ({ hub, acting }) => {
      await hub.terminate(acting);
      return { text: 'ok -- terminated\r\n', close: true };
    },
  },
  { word: 'reconfig', help: 'read the configuration again', admin: 'apply', run: reconfigure('reconfiguring') },
  { word: 'restart', help: 'old name of reconfig', admin: 'apply', run: reconfigure('restarting') },
  {
    word: 'up',
    help: 'bring up what is down',
    admin: 'start',
    run: async ({ hub, acting }) => {
      await hub.bringUp(acting);
      return line('ok -- bringing up consoles');
    },
  },
];

function reconfigure(doing: string): (context: MasterContext) => Promise<LineAnswer> {
  return async ({ hub, acting }) => {
    await hub.reconfigure(acting);
    return line(`ok -- ${doing}`);
  };
}

function call({ entries, lookup }: MasterContext, name: string): LineAnswer {
  const found = findConsole(entries(), name, lookup);
  switch (found.kind) {
    case 'none':
      return line(`console \`${name}' not found`);
    case 'several': {
      const choices = found.names.join(', ');
      return line(`ambiguous console abbreviation, \`${name}'\r\n\tchoices are ${choices}`);
    }
    case 'one': {
      const { master, port } = found.entry;
      if (master === undefined) {
        return line(`${port}`);
      }
      const refusal = `automatic redirection disabled - console on master \`${master}'`;
      return line(lookup.redirect ? `@${master}` : refusal);
    }
  }
}

/** Ourselves only if we have consoles; the others only if clients are redirected. */
function masters({ entries, localAddress, lookup }: MasterContext): LineAnswer {
  const all = entries();
  const own = all.some(({ master }) => master === undefined) ? [`@${localAddress}`] : [];
  const others = lookup.redirect ? all.flatMap(({ master }) => (master === undefined ? [] : [`@${master}`])) : [];
  return line([...own, ...new Set(others)].join(':'));
}
