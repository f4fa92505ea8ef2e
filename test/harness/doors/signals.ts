/** Signals to the server: whoever can send one can end it, so no rule is about them. */
import { reloadOnSignal } from '../../../src/host/reload-on-signal.ts';
import { sender } from '../../../src/model/principal.ts';
import { VERBS, type Verb } from '../../../src/model/rights.ts';
import type { Door, Offers } from './door.ts';
import { site } from './door.ts';

export const SIGNALS: Door = {
  services: [],
  outside: 'whoever can signal the server can end it',
  open: async (t, rules) => {
    const { world } = await site(t, rules, [], () => []);
    const none = Object.fromEntries(
      (Object.keys(VERBS) as Verb[]).map((verb) => [verb, 'no signal does that']),
    ) as Offers;
    const reload = async () => {
      const said: string[] = [];
      let reopened = 0;
      await reloadOnSignal({
        host: world.host,
        holder: { reopenLogs: () => void reopened++ },
        manager: { reloading: () => undefined, ready: () => undefined },
        status: { text: '' },
        say: (text) => said.push(text),
      });
      return reopened === 1 && said.length === 0;
    };
    return {
      by: sender('SIGHUP'),
      offers: {
        ...none,
        apply: { attempt: reload },
        reopenLogs: { attempt: reload },
        down: {
          attempt: async () => {
            await world.host.down(false, sender('SIGTERM'));
            return (await world.host.toldToGoDown).by.channel === 'signal';
          },
        },
      },
    };
  },
};
