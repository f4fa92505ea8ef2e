import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReport, reportLine, servedText } from '../../src/host/start-report.ts';

const UP = { consoles: 1, control: '/run/holdfast/control', warnings: [] };

test('a server that is up reports the number of its consoles, its socket, and what it left out', () => {
  assert.equal(servedText(UP), 'up: 1 console, control socket /run/holdfast/control');
  const warnings = [{ file: 'h.toml', line: 3, key: '', message: 'cannot be read' }];
  assert.equal(
    servedText({ ...UP, consoles: 2, warnings }),
    'up: 2 consoles, control socket /run/holdfast/control\nholdfast: warning: h.toml:3: cannot be read',
  );
});

test('a door to the network that does not open is a warning, and the server is up', () => {
  assert.equal(
    servedText({ ...UP, network: "there is no user 'gate' for the gateway" }),
    "up: 1 console, control socket /run/holdfast/control\nholdfast: warning: nobody comes in over the network yet: there is no user 'gate' for the gateway",
  );
});

test('a server that waits for its holder is up, and gives advice', () => {
  const text = servedText({ ...UP, silence: { pid: 7, since: '', state: 'stopped' } });
  assert.match(
    text,
    /^up, and waits for the holder: the holder, process 7, does not answer: it is stopped\n {2}'kill -CONT 7'/,
  );
});

test('the report of a detached server survives the round trip; half a report is none', () => {
  const report = { up: false, text: 'holdfast: up is not the word\n' };
  assert.deepEqual(readReport(reportLine(report)), report);
  assert.equal(readReport(''), undefined);
  assert.equal(readReport(reportLine(report).slice(0, 9)), undefined);
});
