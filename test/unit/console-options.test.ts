import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConsoleFailure } from '../../src/cli/console/failure.ts';
import { parseCommandLine } from '../../src/cli/console/options.ts';
import { help } from '../../src/cli/console/usage.ts';
import { type ConsoleSettings, readConsoleRc } from '../../src/grammar/conserver/console-rc.ts';
import { showFault } from '../../src/grammar/conserver/source.ts';
import { ANY_CHARACTER } from '../harness/any-character.ts';

const parse = (line: string) => parseCommandLine('console', line === '' ? [] : line.split(' '));

test('modes, the last one counts; upper case for the first server', () => {
  assert.deepEqual(parse('alpha').action, { kind: 'join', mode: 'attach', replay: false, name: 'alpha' });
  assert.deepEqual(parse('-sF alpha').action, { kind: 'join', mode: 'force', replay: true, name: 'alpha' });
  assert.deepEqual(parse('-u').action, { kind: 'status', command: 'hosts', all: true });
  assert.deepEqual(parse('alpha -W').action, { kind: 'status', command: 'group', all: false, name: 'alpha' });
  assert.deepEqual(parse('-P').action, { kind: 'servers', command: 'pid', all: true, prefixed: true });
  assert.deepEqual(parse('-Z pid').action, { kind: 'servers', command: 'pid', all: false, prefixed: false });
  assert.deepEqual(parse('-ZSIGHUP').action, { kind: 'servers', command: 'reconfig', all: false, prefixed: true });
  assert.deepEqual(parse('-t joe@a hello').action, { kind: 'say', command: 'textmsg joe@a hello', all: true });
  assert.deepEqual(parse('-B hello').action, { kind: 'say', command: 'broadcast hello', all: false });
});

test('settings, joined or separate, before or after the name', () => {
  const line = parse('-nvkp4000 alpha -M host -l joe -e ^Xz --strict-exit -7');
  const { port, master, user, escape: sequence, systemFile, verbose, onlyUp, strictExit, stripHigh } = line;
  assert.deepEqual([port, master, user, sequence], ['4000', 'host', 'joe', '^Xz']);
  assert.deepEqual([systemFile, verbose, onlyUp, strictExit, stripHigh], [false, true, true, true, true]);
  assert.equal(parse('-EU a').encryption, 'never');
  assert.equal(parse('-UE a').encryption, 'never');
  assert.deepEqual(parse('-u -- -odd').action, { kind: 'status', command: 'hosts', all: true, name: '-odd' });
});

test('mistakes are named', () => {
  const cases = [
    ...([
      ['', /no console/],
      ['a more', /`more'/],
      ['-t joe', /joe/],
      ['-z nope', /`nope'/],
      ['-y', /-y/],
    ] as const),
    ...([
      ['-e', /-e/],
      ['-P a', /`a'/],
      ['-z help', /commands/],
    ] as const),
  ];
  for (const [line, pattern] of cases) {
    assert.throws(
      () => parse(line),
      (error) => error instanceof ConsoleFailure && error.status === 69 && pattern.test(error.message),
      line,
    );
  }
  assert.throws(() => parseCommandLine('console', ['-t', 'a b', 'x']), /`a b'/);
});

test('the help has every option that the parser takes', () => {
  const text = help('console');
  for (const letter of '7aAbBcCdDeEfFhiIklMnpPqQrRsStuUvVwWxzZ') {
    assert.match(text, new RegExp(`^ +(\\w, )?${letter}[ ,]`, 'm'), letter);
  }
});

test('any words are accepted or refused', () => {
  const word = fc.oneof(
    fc.string({ unit: ANY_CHARACTER }),
    fc.string({ unit: ANY_CHARACTER }).map((text) => `-${text}`),
  );
  fc.assert(
    fc.property(fc.array(word), (words) => {
      try {
        parseCommandLine('console', words);
      } catch (error) {
        assert.ok(error instanceof ConsoleFailure);
      }
    }),
    { numRuns: 1000 },
  );
});

const context = { isThisHost: (name: string) => name === 'me', terminal: 'vt100' };

function readRc(text: string) {
  const settings: ConsoleSettings = {};
  const faults = readConsoleRc('rc', text, () => ({ error: 'none' }), context, settings).map(showFault);
  return { settings, faults };
}

test('.consolerc: blocks for this host and terminal, later ones first, "" resets', () => {
  const { settings, faults } = readRc(`config * { master a; port 1; playback 0; replay 5; striphigh YES; username u; }
config other { master b; }
config me { port 2; replay ""; username ""; }
terminal xterm { attach no; }
terminal vt100 { attach "on c\\n"; attachsubst c=cs; }`);
  assert.deepEqual(faults, []);
  const { attachsubst, ...rest } = settings;
  assert.equal(attachsubst?.length, 1);
  assert.deepEqual(rest, {
    master: 'a',
    port: '2',
    playback: 0,
    replay: undefined,
    striphigh: true,
    attach: 'on c\\n',
  });
});

test('.consolerc: every fault with its place', () => {
  const { faults } = readRc(
    'config * {\n foo bar;\n playback 99999;\n sslenabled maybe;\n}\nconsole x { type exec; }\nterminal * { attachsubst x; }',
  );
  const wanted = [/^rc:2:2: .*foo/, /^rc:3:11: .*99999/, /^rc:4:13: .*maybe/, /^rc:6:1: .*console/, /^rc:7:26: .*`x'/];
  assert.equal(faults.length, wanted.length);
  for (const [index, pattern] of wanted.entries()) {
    assert.match(faults[index] ?? '', pattern);
  }
  fc.assert(fc.property(fc.string({ unit: ANY_CHARACTER }), (text) => void readRc(`config * { ${text}`)));
});
