import { DEFAULT_ESCAPE, showEscape } from '../../codec/conserver-escape.ts';
import { CONSERVER_VERSION } from '../../codec/conserver-wire.ts';
import { GROUP_MEMBERS } from '../../listeners/conserver/model/listing-order.ts';
import { DEFAULTS } from './defaults.ts';

/** -V: `conserver: ...` lines. */
export function versionText(program: string): string {
  const lines = [
    CONSERVER_VERSION,
    "default access type `r'",
    `default escape sequence \`${showEscape(DEFAULT_ESCAPE)}'`,
    `default configuration in \`${DEFAULTS.config}'`,
    `default password in \`${DEFAULTS.passwd}'`,
    `default logfile is \`${DEFAULTS.log}'`,
    `default pidfile is \`${DEFAULTS.pidFile}'`,
    `default limit is ${GROUP_MEMBERS} members per group`,
    `default primary port referenced as \`${DEFAULTS.port}'`,
    "default secondary base port referenced as `0'",
    'options: openssl, pam',
    `openssl version: OpenSSL ${process.versions.openssl}`,
    `built with \`Holdfast, Node ${process.versions.node}'`,
  ];
  return lines.map((line) => `${program}: ${line}\n`).join('');
}
