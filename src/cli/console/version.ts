import { DEFAULT_ESCAPE, showEscape } from '../../codec/conserver-escape.ts';
import { DEFAULT_MASTER, DEFAULT_PORT, SYSTEM_FILE } from './settings.ts';

/** The version of conserver that this client stands in for: scripts look for its form. */
const STANDS_IN_FOR = 'conserver.com version 8.2.7';

/** -V: `console: ...` lines (spec/conserver.md 5.2). */
export function versionText(program: string, own: string): string {
  const lines = [
    STANDS_IN_FOR,
    `default initial master server \`${DEFAULT_MASTER}'`,
    `default port referenced as \`${DEFAULT_PORT}'`,
    `default escape sequence \`${showEscape(DEFAULT_ESCAPE)}'`,
    `default site-wide configuration in \`${SYSTEM_FILE}'`,
    "default per-user configuration in `$HOME/.consolerc'",
    'options: openssl',
    `openssl version: OpenSSL ${process.versions.openssl}`,
    `built with \`Holdfast ${own}, Node ${process.versions.node}'`,
  ];
  return lines.map((line) => `${program}: ${line}\n`).join('');
}
