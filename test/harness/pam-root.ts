/** A throw-away root with a real PAM stack: its own /etc/pam.d, /etc/passwd and /etc/shadow, in a mount namespace. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryDirectory } from './machine.ts';

/** As made by openssl passwd -6, which does not get the password on its command line. */
export const passwordHash = (password: string): string =>
  spawnSync('openssl', ['passwd', '-6', '-stdin'], { input: password }).stdout.toString().trim();

/** Why there can be no such root here. */
export function noPam(): string | false {
  if (process.getuid?.() !== 0) {
    return 'needs root: a mount namespace';
  }
  if (spawnSync('unshare', ['--mount', 'true']).status !== 0) {
    return 'no mount namespaces here';
  }
  const modules = ['/usr/lib', '/lib'].flatMap((lib) =>
    readdirSync(lib).map((name) => join(lib, name, 'security/pam_unix.so')),
  );
  const folder = modules.find((path) => existsSync(path));
  if (folder === undefined) {
    return 'no pam_unix.so here';
  }
  return existsSync(folder.replace('pam_unix', 'pam_pwdfile')) ? false : 'libpam-pwdfile is not installed';
}

export interface PamRoot {
  readonly folder: string;
  /** Words that run a program in this root. */
  readonly inside: readonly string[];
}

/** `stack`: lines of /etc/pam.d/SERVICE, `@D@` is the folder. Users: `ann`, `old`, whose account has expired, `locked`, whose password is (usermod -L); `others`: of pam_pwdfile. */
export function throwAwayRoot(
  t: TestContext,
  stack: string,
  service = 'conserver',
  others: Readonly<Record<string, string>> = {},
): PamRoot {
  const folder = temporaryDirectory(t);
  mkdirSync(join(folder, 'pam.d'));
  writeFileSync(join(folder, 'pam.d', service), stack.replaceAll('@D@', folder));
  writeFileSync(join(folder, 'pam.d/other'), 'auth required pam_deny.so\naccount required pam_deny.so\n');
  const users = 'ann:x:4001:4001::/:/bin/sh\nold:x:4002:4002::/:/bin/sh\nlocked:x:4003:4003::/:/bin/sh\n';
  writeFileSync(join(folder, 'passwd'), readFileSync('/etc/passwd', 'utf8') + users);
  const hash = passwordHash('secret');
  const shadow = [
    `ann:${hash}:19000:0:99999:7:::`,
    `old:${hash}:19000:0:99999:7::19001:`,
    `locked:!${hash}:19000:0:99999:7:::`,
  ];
  writeFileSync(join(folder, 'shadow'), `${shadow.join('\n')}\n`, { mode: 0o600 });
  const lines = Object.entries(others).map(([user, password]) => `${user}:${passwordHash(password)}\n`);
  writeFileSync(join(folder, 'pwdfile'), lines.join(''), { mode: 0o600 });
  const binds = ['pam.d', 'passwd', 'shadow'].map((name) => `mount --bind ${folder}/${name} /etc/${name}`).join(' && ');
  const inside = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', `${binds} && exec "$@"`, 'sh'];
  return { folder, inside };
}
