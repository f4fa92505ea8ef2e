/** A real conserver(8) that reaches the consoles of a host server by `holdfast export conserver`. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CONSOLE, noConsole } from '../harness/conserver-host.ts';
import { freePort } from '../harness/free-port.ts';
import { HostUnderTest, perl } from '../harness/host.ts';
import { Terminal } from '../harness/terminal.ts';
import { noConserver, run, startConserver } from './conserver-server.ts';

const SHELL = perl('$| = 1; while (<>) { chomp; print "said $_\\n" }');
const skip = noConserver || noConsole;

test('the exported file is understood, and leads to the consoles of the host', { skip }, async (t) => {
  const port = await freePort();
  const host = await HostUnderTest.start(
    t,
    `[console]
by-unix = { ${SHELL}, endpoints = ["unix:by-unix.sock"], description = 'the "big" one' }
by-port = { ${SHELL}, endpoints = ["${port}"] }
alone = { ${SHELL} }
`,
  );
  await host.state('by-unix', 'running');
  const exported = await host.command('export', 'conserver', '-c', host.file);
  assert.equal(exported.code, 0);
  assert.match(exported.stderr, /^holdfast export: alone: no endpoint/);
  const file = join(host.folder, 'conserver.cf');
  writeFileSync(file, exported.stdout);
  const checked = await run('/usr/sbin/conserver', ['-S', '-C', file]);
  assert.equal(checked.status, 0, checked.stderr);
  const site = `default * { rw *; }\naccess * { trusted 127.0.0.0/8; }\n#include ${file}\n`;
  const server = await startConserver(t, site);
  for (const name of ['by-unix', 'by-port']) {
    const words = ['-n', '-C', '/dev/null', '-M', '127.0.0.1', '-p', `${server.port}`, '-E', '-l', 'ann', '-f', name];
    const ann = await Terminal.run(t, [CONSOLE, ...words]);
    await ann.expect(/for help\]/);
    ann.type(`${name}\r`);
    await ann.expect(new RegExp(`said ${name}\r`));
    ann.type('\x05c.');
    assert.equal((await ann.ended).code, 0);
  }
  assert.match(host.log('by-unix'), /said by-unix/);
});
