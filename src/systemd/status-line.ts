/** Summarises all consoles in the one line that `systemctl status` has room for. */
import type { ProcessState } from '../model/process.ts';

export interface StatusOf {
  readonly name: string;
  readonly state: ProcessState;
}

/** Names are shown for states that need attention. */
const TROUBLE: readonly ProcessState[] = ['crash-looping', 'failed', 'waiting'];
/** Names shown per state. */
const SHOWN = 3;

/** `47 of 50 up, 1 held, 2 crash-looping: vac-01, vac-02` */
export function statusLine(consoles: readonly StatusOf[]): string {
  const byState = Map.groupBy(consoles, ({ state }) => state);
  const up = (['running', 'ready'] as const).reduce((count, state) => count + (byState.get(state)?.length ?? 0), 0);
  const rest = [...byState].filter(([state]) => state !== 'running' && state !== 'ready');
  const parts = rest.map(([state, those]) => {
    const names = those.slice(0, SHOWN).map(({ name }) => name);
    const more = those.length > SHOWN ? ', ...' : '';
    return `${those.length} ${state}${TROUBLE.includes(state) ? `: ${names.join(', ')}${more}` : ''}`;
  });
  return [`${up} of ${consoles.length} up`, ...parts].join(', ');
}
