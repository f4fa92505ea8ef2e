/** A real nginx, in the folder of a test. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { atEnd } from './at-end.ts';
import { isRoot } from './machine.ts';

/** The user that nginx connects as. */
export const WORKER = isRoot ? 'www-data' : userInfo().username;

/** `servers`: what `http` has, where `$connection_upgrade` is known. It may not listen yet. */
export async function startNginx(t: TestContext, folder: string, servers: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'nginx.conf');
  const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (each) => `${each}_temp_path ${folder}/${each};`,
  );
  writeFileSync(
    config,
    `${isRoot ? `user ${WORKER};` : ''} daemon off; pid ${folder}/nginx.pid; error_log stderr crit; events {}
    http { access_log off; ${own.join(' ')}
      map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
      ${servers.join('\n')}
    }`,
  );
  const child = spawn('nginx', ['-e', 'stderr', '-c', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  atEnd(t, async () => {
    child.kill('SIGTERM');
    await ended;
  });
}
