/** An interactive program in a terminal, as a person would run it: telnet, socat, console. */
import type { TestContext } from 'node:test';
import type { ChildEnd, SpawnRequest } from '../../src/platform/native.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { Child } from '../../src/terminal/child.ts';
import { atEnd } from './at-end.ts';
import { Transcript } from './transcript.ts';

export class Terminal {
  readonly said = new Transcript();
  readonly child: Child;
  readonly ended: Promise<ChildEnd>;

  private constructor(child: Child, ended: Promise<ChildEnd>) {
    this.child = child;
    this.ended = ended;
  }

  /** Starts the program; it is killed at the end of the test at the latest. */
  static run(t: TestContext, argv: readonly string[], request: Partial<SpawnRequest> = {}): Promise<Terminal> {
    return new Promise((resolve, reject) => {
      const ended = Promise.withResolvers<ChildEnd>();
      const early: Uint8Array[] = [];
      let terminal: Terminal | undefined;
      Child.start(
        { file: argv[0] as string, argv, columns: 80, rows: 24, ...request },
        systemClock,
        {
          output: (bytes) => (terminal ? terminal.said.add(bytes) : early.push(bytes.slice())),
          drain: () => undefined,
          ended: (end) => {
            terminal?.said.end();
            ended.resolve(end);
          },
        },
        (error, child) => {
          if (!child) {
            reject(error as Error);
            return;
          }
          terminal = new Terminal(child, ended.promise);
          atEnd(t, async () => {
            child.kill(9);
            await ended.promise;
          });
          resolve(terminal);
        },
      );
    });
  }

  type(text: string): void {
    this.child.write(Buffer.from(text, 'latin1'));
  }

  expect(pattern: RegExp): Promise<RegExpExecArray> {
    return this.said.expect(pattern);
  }
}
