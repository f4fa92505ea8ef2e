/** The client side of a session, in memory: its notifications, in order, as text. */
import type { SessionInfo } from '../../src/model/api.ts';
import type { Session, SessionSink } from '../../src/model/session.ts';

export class FakeSink implements SessionSink {
  readonly told: string[] = [];
  session: Session | undefined;
  /** Takes one piece of output at a time: `resume` must follow. */
  full = false;
  readonly #settled = Promise.withResolvers<void>();

  /** Resolves when the session is on the console; rejects if it was refused. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** The output so far, as text of bytes. */
  get text(): string {
    return this.told.flatMap((each) => (each.startsWith('> ') ? [each.slice(2)] : [])).join('');
  }

  entered(session: Session): void {
    this.session = session;
    this.told.push('entered');
    this.#settled.resolve();
  }

  refused(error: Error): void {
    this.told.push(`refused: ${error.message}`);
    this.#settled.reject(error);
    this.#settled.promise.catch(() => undefined);
  }

  output(bytes: Uint8Array): boolean {
    this.told.push(`> ${Buffer.from(bytes).toString('latin1')}`);
    return !this.full;
  }

  denied(error: Error): void {
    this.told.push(`denied: ${error.message}`);
  }

  missed(bytes: number): void {
    this.told.push(`missed ${bytes}`);
  }

  writer(writer: SessionInfo | undefined): void {
    this.told.push(`writer ${writer?.user ?? 'nobody'}`);
  }

  said(text: string): void {
    this.told.push(`said ${text}`);
  }

  room(): void {
    this.told.push('room');
  }

  closed(reason: string): void {
    this.told.push(`closed: ${reason}`);
  }
}
