/** Sessions of a client, for tests of what is on the way. */
import type { ClientEnterOptions, ClientSession, HostClient } from '../../src/model/host-port.ts';
import type { SessionPort, SessionSink } from '../../src/model/session.ts';

/** Resolves with a session when it is on its console; rejects if it is refused. Only what is given of the sink is told. */
export function entered(
  client: Pick<HostClient, 'enter'>,
  name: string,
  options: Partial<ClientEnterOptions> = {},
  sink: Partial<SessionSink<SessionPort>> = {},
): Promise<ClientSession> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const session = client.enter(
    name,
    { from: { lines: 0 }, mode: 'read', ...options },
    {
      output: () => true,
      missed: () => undefined,
      writer: () => undefined,
      said: () => undefined,
      room: () => undefined,
      closed: () => undefined,
      ...sink,
      entered: () => resolve(),
      refused: reject,
    },
  );
  return promise.then(() => session);
}
