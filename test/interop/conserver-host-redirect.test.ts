/** Three hosts, each with the table of all: Debian's console(1) is redirected to the one that has the console. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConserverHost, noConsole } from '../harness/conserver-host.ts';
import { freePort } from '../harness/free-port.ts';
import { perl } from '../harness/host.ts';

const SHELL = perl('$| = 1; while (<>) { chomp; print "said $_\\n" }');
const NAMES = { '127.0.0.2': ['vac-01', 'vac-02'], '127.0.0.3': ['rf-01'], '127.0.0.4': ['bpm-01'] };

test('any host leads to every console; tables are those of all hosts', { skip: noConsole }, async (t) => {
  const port = await freePort();
  const remote = Object.entries(NAMES).map(([host, names]) => `"${host}" = ${JSON.stringify(names)}`);
  const section = `trusted = ["127.0.0.0/8"]\nremote = { ${remote.join(', ')} }`;
  const sites = await Promise.all(
    Object.entries(NAMES).map(([address, names]) =>
      ConserverHost.start(t, section, names.map((name) => `${name} = { ${SHELL} }\n`).join(''), { address, port }),
    ),
  );
  const [vac, rf] = sites as [ConserverHost, ConserverHost];
  for (const site of sites) {
    const ann = await site.console('ann', '-A', 'bpm-01');
    await ann.expect(/\[replay\]/);
    ann.type(`from ${site.place.address}\r`);
    await ann.expect(new RegExp(`said from ${site.place.address}\r`));
    ann.type('\x05c.');
    assert.equal((await ann.ended).code, 0);
  }
  const all = (await vac.ask('ann', '-E', '-u')).said.split('\r\n').map((row) => row.split(/ +/)[1]);
  assert.deepEqual(all.sort(), ['bpm-01', 'rf-01', 'vac-01', 'vac-02', undefined]);
  assert.match(
    (await rf.ask('ann', '-E', 'vac-')).said,
    /ambiguous console abbreviation, `vac-'\r\n\tchoices are vac-01, vac-02/,
  );
  const pids = (await rf.ask('ann', '-E', '-P')).said;
  assert.equal(pids.match(/^127\.0\.0\.\d: \d+\r$/gm)?.length, 3, pids);
  await vac.host.kill();
  assert.match((await rf.ask('ann', '-E', 'vac-01')).stderr, /Unable to connect to 127\.0\.0\.2:/);
  assert.match((await rf.ask('ann', '-E', '-u')).said, / rf-01 .* bpm-01 /s);
});
