/** Resource limits by name: those of setrlimit(2) on Linux, without the prefix RLIMIT_, in lower case. */
export const RESOURCE_LIMITS: readonly string[] = [
  ...['as', 'core', 'cpu', 'data', 'fsize', 'locks', 'memlock', 'msgqueue', 'nice', 'nofile', 'nproc', 'rss'],
  ...['rtprio', 'rttime', 'sigpending', 'stack'],
];
