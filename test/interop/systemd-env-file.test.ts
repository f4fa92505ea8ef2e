/** `env_file` and `EnvironmentFile=` of a real systemd, given the same files. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readEnvFile } from '../../src/config/env-file.ts';
import { parseEnvText } from '../../src/config/env-text.ts';
import { World, writing } from '../harness/systemd.ts';

const WRITTEN = [
  'A=1\nB=two words\n',
  'A=1\nno assignment\nB=2\n',
  'A="one quote\nB=2\n',
  "A='one quote\nB=2\n",
  'A="over\ntwo lines"\nB=2\n',
  "A='over\ntwo lines' B=2\n",
  '# A=1\n; A=2\n  # A=3\nB=4 # not a comment\n',
  '# goes on \\\nA=1\nB=2\n',
  'A=one \\\n  two \\\nthree\nB=2\n',
  'A="one \\\n  two"\nB=\'one \\\n two\'\n',
  'A=\\"x\\" \\n \\\\ \\$\nB="\\"x\\" \\n \\\\ \\$ \\`"\nC=\'\\"x\\" \\n\'\n',
  'A="x" "y"\nB="x"y\nC=x"y"\nD=x\\ \n',
  '  A  =  1  \n\tB\t=\t2\t\nC=a\tb\n',
  'export A=1\n2B=1\nB-C=2\nC=3\n=4\nD\n',
  'A=1\r\nB="2\r\n"\r\nC=3',
  'A=1\nA="\x01"\nB=2\n',
  'A=\nB=""\nC=\'\'\nD',
  'A=1\nB="\u00e9\u20ac"\nC=\u00e9\n',
  'A="$B $(B)"\nB=%h\n',
  '',
];
/** Bytes that are not text, or not a file for systemd. */
const BAD = ['A=1\nB=\xe9\nC=3\n', 'A=1\n\xe9\nC=3\n', 'A=1\0\nB=2\n', '# \xe9\nA=1\n'];

const PIECES = [
  ...['A=', 'B=', 'C =', 'A', '=', '"', '"', "'", '\\', '\\\n', '\n', '\n', ' ', '\t', '#', ';', '$', '`', 'x', 'yz'],
  ...['\r\n', 'export ', '\u00e9', '\x7f'],
];
/** Variables that systemd gives every service. */
const OWN = /^(PATH|LANG|LC_ALL|HOME|USER|LOGNAME|SHELL|INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_\w+|MEMORY_PRESSURE_\w+)=/;
const GENERATED = 400;

test('the same files give the same variables, or none', async (t) => {
  const generated = fc.sample(
    fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }).map((pieces) => Buffer.from(pieces.join(''))),
    { numRuns: GENERATED, seed: Date.now() },
  );
  const corpus = [
    ...WRITTEN.map((text) => Buffer.from(text)),
    ...BAD.map((text) => Buffer.from(text, 'latin1')),
    ...generated,
  ];
  const unit = `[Unit]
StartLimitIntervalSec=0
[Service]
Type=oneshot
EnvironmentFile=/corpus/%i
StandardOutput=file:/read/%i
ExecStart=/usr/bin/env -0
`;
  const world = await World.boot(t, writing('/etc/systemd/system/env@.service', unit), 'basic.target');
  if (!world) {
    return;
  }
  await world.sh('mkdir /corpus /read');
  const encoded = corpus.map((bytes) => bytes.toString('base64'));
  for (let from = 0; from < encoded.length; from += 100) {
    const lines = encoded.slice(from, from + 100).map((text, at) => `base64 -d <<<'${text}' >/corpus/${from + at}`);
    await world.sh(lines.join('\n'));
  }
  await world.sh(`systemctl start $(seq -f 'env@%.0f' 0 ${corpus.length - 1}) || true`);
  const read = await world.sh(
    `for i in $(seq 0 ${corpus.length - 1}); do [ -s /read/$i ] && base64 -w0 /read/$i; echo; done`,
  );
  const theirs = read.split('\n').map((line) => Buffer.from(line, 'base64').toString());
  const version = Number(/^systemd (\d+)/.exec(await world.sh('systemctl --version'))?.[1]);
  const differences: string[] = [];
  for (const [index, bytes] of corpus.entries()) {
    if (version >= 254 && parseEnvText(bytes.toString('latin1')).notes.some(({ message }) => /254/.test(message))) {
      continue;
    }
    const ours = await variables(bytes);
    const them = ofEnvironment(theirs[index] ?? '');
    if (JSON.stringify(ours) !== JSON.stringify(them)) {
      differences.push(`${JSON.stringify(bytes.toString('latin1'))}: ${JSON.stringify({ ours, systemd: them })}`);
    }
  }
  assert.deepEqual(differences, []);
});

/** By name; undefined: the file was refused. */
async function variables(bytes: Buffer): Promise<Record<string, string> | undefined> {
  try {
    const reader = { readFile: () => Promise.resolve(bytes) };
    const ears = { waits: () => undefined, notes: () => undefined };
    return sorted(await readEnvFile({ path: '/f', optional: false }, ears, reader));
  } catch {
    return undefined;
  }
}

/** The output of `env -0`, without variables that systemd adds. */
function ofEnvironment(text: string): Record<string, string> | undefined {
  if (text === '') {
    return undefined;
  }
  const entries = text
    .split('\0')
    .filter((entry) => entry !== '' && !OWN.test(entry))
    .map((entry) => entry.split(/=(.*)/s).slice(0, 2) as [string, string]);
  return sorted(entries);
}

function sorted(entries: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries([...new Map(entries)].sort(([a], [b]) => (a < b ? -1 : 1)));
}
