import { applySubst } from '../../grammar/conserver/subst.ts';
import { unescapeText } from '../../grammar/conserver/values.ts';
import { Terminal } from '../../platform/process/terminal.ts';
import { call, type Joined } from './call.ts';
import type { Client } from './client.ts';
import { handshake, type Wish } from './handshake.ts';
import { Keyboard } from './keyboard.ts';
import { Session } from './session.ts';

/** -a -f -s, and the default: joins a console and stays until the server hangs up. Throws ConsoleFailure. */
export async function join(client: Client, name: string, wish: Wish): Promise<void> {
  const keyboard = new Keyboard();
  const terminal = keyboard.isTerminal ? new Terminal(0) : undefined;
  let joined = await call(client, name);
  let before: string | undefined;
  while (joined !== undefined) {
    const here: Joined = joined;
    await handshake(client, here, wish);
    const decorate = (which: 'attach' | 'detach') => client.out(decoration(client, which, here.name));
    if (before !== undefined) {
      client.out(decoration(client, 'detach', before));
    }
    decorate('attach');
    const session = new Session(client, here, {
      keyboard,
      terminal,
      decorate,
      join: (other) => call(client, other),
    });
    before = here.name;
    joined = await session.run();
    if (joined === undefined) {
      decorate('detach');
      if (client.verbose) {
        client.out(`Console ${here.name} closed.\n`);
      }
    }
  }
}

/** The user's text for this terminal, with u and c put in (spec/conserver.md 5.4). */
function decoration(client: Client, which: 'attach' | 'detach', console: string): string {
  const { [which]: text = '', [`${which}subst` as const]: rules = [], user } = client.settings;
  return applySubst(unescapeText(text), rules, { u: user, c: console });
}
