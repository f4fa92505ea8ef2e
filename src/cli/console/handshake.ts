/** The fixed conversation after `call`, before any console output (spec/conserver.md 2.6). */
import { parseServerVersion } from '../../codec/conserver-answer.ts';
import { DEFAULT_ESCAPE, showEscape } from '../../codec/conserver-escape.ts';
import type { Joined } from './call.ts';
import type { Client } from './client.ts';
import { ConsoleFailure, lostConnection } from './failure.ts';
import type { AttachMode } from './options.ts';

/** The first server that lets its clients set the lengths of playback and replay: 8.1.14. */
const SETS_LENGTHS = 8_001_014;

export interface Wish {
  readonly mode: AttachMode;
  readonly replay: boolean;
}

/** Throws ConsoleFailure (69) for -k, a lost connection and a server that does not know the escape command. */
export async function handshake(client: Client, { name, link, access }: Joined, wish: Wish): Promise<void> {
  const { sequence, playback, replay } = client.settings;
  const chars = String.fromCharCode(sequence.first, sequence.second);
  const askServer = async (command: string): Promise<string> => {
    link.write(command);
    const answer = await link.readLine();
    if (answer === undefined) {
      throw lostConnection();
    }
    return answer;
  };
  const { first, second } = DEFAULT_ESCAPE;
  if (sequence.first !== first || sequence.second !== second) {
    const answer = await askServer(`${String.fromCharCode(first, second)}e${chars}`);
    if (!answer.startsWith('[redef:')) {
      throw new ConsoleFailure('protocol botch on redef of escape sequence');
    }
  }
  const state = await askServer(`${chars}=`);
  if (state !== '[up]\r\n' && !state.startsWith('[unknown')) {
    client.out(state);
    if (client.onlyUp) {
      throw new ConsoleFailure("Console is not 'up'. Exiting. (-k)");
    }
  }
  const version = parseServerVersion(await askServer(`${chars}\xd6`));
  if (client.verbose) {
    client.out(`${client.program}: ${wish.mode} to ${name} (on ${link.host})\n`);
  }
  client.out(`[Enter \`${showEscape(sequence)}?' for help]\n`);
  const motd = await askServer(`${chars}m`);
  if (motd !== '[-- MOTD --]\r\n' && !motd.startsWith('[unknown')) {
    client.out(motd);
  }
  if (version >= SETS_LENGTHS) {
    for (const [key, lines] of [
      ['P', playback],
      ['R', replay],
    ] as const) {
      if (lines !== undefined) {
        await askServer(`${chars}${key}${lines || (process.stdout.rows ?? 0)}\r`);
      }
    }
  }
  const connected = await askServer(`${chars};`);
  if (connected !== '[connected]\r\n' && !connected.startsWith('[unknown')) {
    client.out(connected);
  }
  if (access === 'read-only') {
    if (wish.mode !== 'spy') {
      client.warn(`${name} is read-only`);
    }
  } else if ((access === 'writing') === (wish.mode === 'spy')) {
    link.write(`${chars}${wish.mode.charAt(0)}`);
  }
  if (wish.replay) {
    link.write(`${chars}r`);
  } else if (client.verbose) {
    link.write(`${chars}\x12`);
  }
}
