/** What conserver of Debian was built with, and everybody's scripts expect. */
export const DEFAULTS = {
  config: '/etc/conserver/conserver.cf',
  passwd: '/etc/conserver/conserver.passwd',
  /** In the background. */
  log: '/var/log/conserver/server.log',
  pidFile: '/run/conserver/conserver.pid',
  port: '782',
} as const;
