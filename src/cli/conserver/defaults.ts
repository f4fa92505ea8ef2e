/** The built-in values of Debian's conserver, which scripts expect. */
export const DEFAULTS = {
  config: '/etc/conserver/conserver.cf',
  passwd: '/etc/conserver/conserver.passwd',
  /** In the background. */
  log: '/var/log/conserver/server.log',
  pidFile: '/run/conserver/conserver.pid',
  port: '782',
} as const;
