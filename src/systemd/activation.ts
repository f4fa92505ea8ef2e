/**
 * Descriptors that the service manager passes to us: sockets that it has opened, and those it kept for us
 * (sd_listen_fds(3)).
 */

const FIRST = 3;

export interface GivenDescriptor {
  readonly name: string;
  readonly fd: number;
}

/** The descriptors of socket activation by their `FileDescriptorName=`; their environment variables are removed. */
export function activatedSockets(env: NodeJS.ProcessEnv): ReadonlyMap<string, number> {
  return new Map(givenDescriptors(env).map(({ name, fd }) => [name, fd]));
}

/** All of them; several may have one name, `FDNAME=` or `FileDescriptorName=`. */
export function givenDescriptors(env: NodeJS.ProcessEnv): readonly GivenDescriptor[] {
  const { LISTEN_PID: pid, LISTEN_FDS: count, LISTEN_FDNAMES: names = '' } = env;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) {
    delete env[name];
  }
  if (Number(pid) !== process.pid) {
    return [];
  }
  return names
    .split(':')
    .slice(0, Number(count))
    .map((name, index) => ({ name, fd: FIRST + index }));
}
