/** A host server whose consoles are reached with Debian's console(1), on real terminals. */

import type { TestContext } from 'node:test';
import { freePort } from './free-port.ts';
import { HOLDFAST, HostUnderTest } from './host.ts';
import { missing } from './machine.ts';
import { Program } from './procserv.ts';
import { Terminal } from './terminal.ts';

export const CONSOLE = '/usr/bin/console';
/** Why the tests cannot run here, for the skip line. */
export const noConsole = missing('console');

/** The address of the listener. */
export interface Place {
  readonly address: string;
  readonly port: number;
}

export class ConserverHost {
  readonly host: HostUnderTest;
  readonly place: Place;
  readonly #t: TestContext;

  private constructor(t: TestContext, host: HostUnderTest, place: Place) {
    this.#t = t;
    this.host = host;
    this.place = place;
  }

  /** `section`: keys of `[conserver]` besides the ports; `tables`: the text in and after `[console]`. */
  static async start(t: TestContext, section: string, tables: string, at?: Place): Promise<ConserverHost> {
    const place = at ?? { address: '127.0.0.1', port: await freePort() };
    const host = await HostUnderTest.start(t, listener(place, section) + tables);
    return new ConserverHost(t, host, place);
  }

  configure(section: string, tables: string): void {
    this.host.configure(listener(this.place, section) + tables);
  }

  words(user: string, more: readonly string[]): string[] {
    return ['-n', '-C', '/dev/null', '-M', this.place.address, '-p', `${this.place.port}`, '-l', user, ...more];
  }

  /** `console` on a terminal. */
  console(user: string, ...more: readonly string[]): Promise<Terminal> {
    return Terminal.run(this.#t, [CONSOLE, ...this.words(user, ['-E', ...more])]);
  }

  /** `console` on pipes, to its end. */
  async ask(user: string, ...more: readonly string[]): Promise<{ code: number | null; said: string; stderr: string }> {
    const program = new Program(this.#t, CONSOLE, this.words(user, more));
    const [{ code }, said, stderr] = await Promise.all([
      program.exited,
      program.stdout.whole(),
      program.stderr.whole(),
    ]);
    return { code, said, stderr };
  }

  /** `holdfast attach` on a terminal. */
  attach(...more: readonly string[]): Promise<Terminal> {
    return Terminal.run(this.#t, ['env', `HOLDFAST_SOCKET=${this.host.control}`, HOLDFAST, 'attach', ...more]);
  }
}

function listener({ address, port }: Place, section: string): string {
  const listen = section.includes('listen = ') ? '' : `listen = ["${address}"]\n`;
  return `[conserver]\n${listen}port = ${port}\ngroup_port = 0\n${section}\n[console]\n`;
}
