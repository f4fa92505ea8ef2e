/** Listening sockets that the service manager has opened for us: sd_listen_fds(3). */

const FIRST = 3;

/** The descriptors of socket activation by their `FileDescriptorName=`; what is in the environment about them is removed. */
export function activatedSockets(env: NodeJS.ProcessEnv): ReadonlyMap<string, number> {
  const { LISTEN_PID: pid, LISTEN_FDS: count, LISTEN_FDNAMES: names = '' } = env;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) {
    delete env[name];
  }
  if (Number(pid) !== process.pid) {
    return new Map();
  }
  return new Map(
    names
      .split(':')
      .slice(0, Number(count))
      .map((name, index) => [name, FIRST + index]),
  );
}
