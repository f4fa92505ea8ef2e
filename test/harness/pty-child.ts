/** A child of the addon, without any code of ours between the addon and the test. */
import { after } from 'node:test';
import {
  type ChildEnd,
  type NativePty,
  native,
  type SpawnFailure,
  type SpawnRequest,
} from '../../src/platform/native.ts';
import { Transcript } from './transcript.ts';

const ends = new Map<number, (end: ChildEnd) => void>();
native.onChildEnd((end) => ends.get(end.pid)?.(end));

/** All of them: a failed test leaves its child or its terminal. */
const made: PtyChild[] = [];
after(() => {
  for (const child of made) {
    child.pty.close();
    if (ends.has(child.pid)) {
      process.kill(-child.pid, 'SIGKILL');
    }
  }
});

export class PtyChild {
  readonly pid: number;
  readonly pty: NativePty;
  readonly failure: SpawnFailure | undefined;
  readonly said = new Transcript();
  /** Events in order: 'end' of the terminal, 'exit' of the child. */
  readonly events: string[] = [];
  readonly ended: Promise<ChildEnd>;
  bytes = 0;
  onDrain: () => void = () => undefined;

  private constructor(pid: number, fd: number, failure: SpawnFailure | undefined, keep: boolean) {
    this.pid = pid;
    this.failure = failure;
    this.pty = native.openPty(fd, {
      data: (count) => {
        this.bytes += count;
        if (keep) {
          this.said.add(native.scratch.subarray(0, count));
        }
      },
      end: () => {
        this.events.push('end');
        this.said.end();
      },
      drain: () => this.onDrain(),
    });
    made.push(this);
    this.ended = new Promise((resolve) => {
      ends.set(pid, (end) => {
        this.events.push('exit');
        ends.delete(pid);
        resolve(end);
      });
    });
  }

  /** `argv[0]` is the program unless `file` names it; `keep`: whether to keep the output or only count it. */
  static spawn(argv: readonly string[], request: Partial<SpawnRequest> = {}, keep = true): Promise<PtyChild> {
    return new Promise((resolve, reject) => {
      native.spawn({ file: argv[0] as string, argv, columns: 80, rows: 24, ...request }, (error, result) => {
        if (result) {
          resolve(new PtyChild(result.pid, result.fd, result.failure, keep));
        } else {
          reject(error as Error);
        }
      });
    });
  }

  /** Waits for both the end of the output and that of the child, and closes the terminal. */
  async finish(): Promise<ChildEnd> {
    const [end] = await Promise.all([this.ended, this.said.whole()]);
    this.pty.close();
    return end;
  }
}

/** Runs a child to its end: its output with plain line ends, and its exit status. */
export async function run(
  argv: readonly string[],
  request: Partial<SpawnRequest> = {},
): Promise<{ output: string; end: ChildEnd; failure: SpawnFailure | undefined }> {
  const child = await PtyChild.spawn(argv, request);
  const end = await child.finish();
  return { output: child.said.text.replaceAll('\r\n', '\n'), end, failure: child.failure };
}
