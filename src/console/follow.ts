/** Reads the output of a console from an offset or from now on, without a session: for parts of the server. */
import type { Backend } from '../model/backend.ts';
import type { Reader } from '../model/subscription.ts';

/** Until the returned function is called. */
export function follow(backend: Pick<Backend, 'read' | 'stream'>, reader: Reader, from?: number): () => void {
  let over = false;
  let leave = (): void => undefined;
  void backend.read(from).then((release) => {
    if (over) {
      release();
      return;
    }
    const subscription = backend.stream.subscribe(reader, from);
    leave = () => {
      backend.stream.leave(subscription);
      release();
    };
  });
  return () => {
    over = true;
    leave();
    leave = () => undefined;
  };
}
