/** Our reading of conserver.cf against the original's: the output of `conserver -SS` for the same file. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConserverCf } from '../../src/grammar/conserver/cf.ts';
import { showConsole } from '../../src/grammar/conserver/check.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { noConserver, run } from './conserver-server.ts';

const CF = `# comment
default "my defs" { rw *; }      # names may contain spaces
default * { master localhost; logfile /tmp/&; timestamp 1hab; include my defs ; }
"conso"le on\\e { type exec; exec echo "a;b {c} \\"q\\" \\x" \\; ok; aliases uno; }
CONSOLE two { TYPE HOST; host ts1; port 7; portbase 2000; portinc 100; protocol raw; }
console three { type device; device /dev/ttyD.; devicesubst .=p02d; port 5; baud 9600; parity none; }
console four { type uds; uds /run/N/control; udssubst N=cs; options ondemand, !autoreinit; }
console six { type exec; host h1; port 10; exec ssh -p P H,R; execsubst P=P05d,H=h6s,R=rs; replstring "r r"; }
console seven { type host; host x; port telnet; }
console eight { type exec; port 200; exec a p b; execsubst p=px; }
console nine { type exec; port 35; portbase 1; exec z; execsubst "z=P4A"; }
default * { master localhost; type exec; exec "one  two" ; }
console ten { }
console eleven { exec x; exec ""; }
console twelve { exec mid#comment
  dle; }
console fifteen { exec two
 lines; }
console thirteen { exec "quoted # no comment
second line"; }
console fourteen { exec a\\{b\\}; include *; exec   spaced   out  ; }
`;

test('the same consoles with the same values', { skip: noConserver }, async (t) => {
  const folder = temporaryDirectory(t);
  const file = join(folder, 'conserver.cf');
  writeFileSync(file, CF);
  const { status, stdout } = await run('/usr/sbin/conserver', ['-SS', '-C', file]);
  assert.equal(status, 0);
  const theirs = [...stdout.matchAll(/\{(?:[^{}]|\{c\}|\{b\})*\}(?=\n)/g)].map(([text]) => text).sort();
  const { consoles, faults } = parseConserverCf(file, CF, () => ({ error: 'none' }), {
    isThisHost: () => true,
    servicePort: (name) => (name === 'telnet' ? 23 : undefined),
    hasUser: () => true,
    hasGroup: () => true,
  });
  assert.deepEqual(faults, []);
  assert.equal(theirs.length, 14);
  assert.deepEqual(consoles.map(showConsole).sort(), theirs);
});
