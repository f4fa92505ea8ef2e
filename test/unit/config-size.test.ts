/** Configurations of any size are read in linear time. Quadratic time would take five times what is allowed here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEnvText } from '../../src/config/env-text.ts';
import { parseConserverCf } from '../../src/grammar/conserver/cf.ts';
import { read } from '../harness/read-config.ts';

/** Processor time, of which a second is needed at most: the load of the machine does not matter. */
const MOST_SECONDS = 3;

function inTime<Result>(work: () => Result): Result {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  assert.ok((user + system) / 1e6 < MOST_SECONDS, `${(user + system) / 1e6} s of processor time`);
  return result;
}

const count = (n: number, line: (n: number) => string) => Array.from({ length: n }, (_, at) => line(at)).join('');
const environment = { isThisHost: () => true, servicePort: () => 1, hasUser: () => true, hasGroup: () => true };
const cf = (text: string) => parseConserverCf('c.cf', text, () => ({ error: 'none' }), environment);

test('unknown names in `after`: all are reported, the first ones with a suggestion', () => {
  const text = count(4000, (n) => `[console.c${n}]\nrun = "x"\nafter = ["d${n}"]\n`);
  const { problems } = inTime(() => read(text));
  assert.equal(problems?.length, 4000);
  assert.match(problems?.[0]?.message ?? '', /unknown console 'd0'; did you mean 'c0'\?/);
});

test('unknown templates and unknown keys of as many consoles', () => {
  const text = count(4000, (n) => `[template.t${n}]\n[console.c${n}]\nrun = "x"\ntemplate = "u${n}"\ncolor = 1\n`);
  assert.equal(inTime(() => read(text)).problems?.length, 8000);
});

test('a chain of templates is refused, once, and at a place', () => {
  const text = `${count(4000, (n) => `[template.t${n}]\ntemplate = "t${n + 1}"\n`)}[template.t4000]
[console.a]\nrun = "x"\ntemplate = "t0"\n[console.b]\nrun = "x"\ntemplate = "t7"\n`;
  const { problems } = inTime(() => read(text));
  assert.deepEqual(
    problems?.map(({ line, key, message }) => `${line} ${key}: ${message}`),
    ['200 template.t99.template: more than 100 templates build on each other; join some of them'],
  );
  const allowed = `${count(99, (n) => `[template.t${n}]\ntemplate = "t${n + 1}"\n`)}[template.t99]\nhistory = 7\n[console.a]\nrun = "x"\ntemplate = "t0"\n`;
  assert.equal(read(allowed).config?.consoles[0]?.history, 7);
});

test('circles: each is reported, none with all its names', () => {
  const text = count(4000, (n) => `[console.c${n}]\nrun = "x"\nafter = ["c${n + 1}"${n > 0 ? ', "c0"' : ''}]\n`);
  const { problems } = inTime(() => read(`${text}[console.c4000]\nrun = "x"\n`));
  assert.equal(problems?.length, 3999);
  assert.ok(problems?.every(({ message }) => message.length < 200));
  assert.equal(
    problems?.at(-1)?.message,
    'consoles wait for each other in a circle: c0 -> c1 -> c2 -> c3 -> c4 -> c5 -> c6 -> c7 -> c8 -> (3990 more) -> c3999 -> c0',
  );
});

test('one port on as many addresses, and on all of them', () => {
  const text = count(
    4000,
    (n) => `[console.c${n}]\nrun = "x"\nendpoints = ["127.${n >> 16}.${(n >> 8) & 255}.${n & 255}:5000"]\n`,
  );
  assert.equal(inTime(() => read(text)).problems, undefined);
  const all = `${text}[console.all]\nrun = "x"\nendpoints = ["0.0.0.0:5000"]\n`;
  assert.match(inTime(() => read(all)).problems?.[0]?.message ?? '', /port 5000 is used by console 'c0' too/);
});

test('a conserver.cf of consoles with aliases, of users, of blanks', () => {
  const consoles = count(8000, (n) => `console c${n} { aliases a${n}; }\n`);
  const { faults, consoles: all } = inTime(() => cf(`default * { master me; type noop; }\n${consoles}`));
  assert.deepEqual([faults, all.length], [[], 8000]);
  const users = count(8000, (n) => `u${n},`);
  const access = inTime(() =>
    cf(`group g { users ${users}; }\naccess * { admin g; limited g; }\nconsole c { master me; type noop; rw g; }\n`),
  );
  assert.equal(access.consoles[0]?.rw.length, 8000);
  assert.equal(access.access[0]?.admin.length, 8000);
  const blanks = ' '.repeat(1_000_000);
  assert.equal(inTime(() => cf(`console c { master me; type noop; motd a${blanks}b; }`)).consoles.length, 1);
});

test('an alias is free again with the console that had it', () => {
  const { consoles, faults } = cf(`default * { master me; type noop; }
console a { aliases x; }
console a { aliases y; }
console b { aliases x; }
console c { aliases y; }
`);
  assert.deepEqual(
    consoles.map(({ name, aliases }) => [name, aliases]),
    [
      ['a', ['y']],
      ['b', ['x']],
      ['c', []],
    ],
  );
  assert.deepEqual(
    faults.map(({ message }) => message),
    ["console `a' is defined twice: the later one counts", "console `c': alias `y' is taken by `a': ignored"],
  );
});

test('an environment file of blanks', () => {
  const { notes } = inTime(() => parseEnvText(`a${' '.repeat(1_000_000)}b=1\n`));
  assert.equal(notes.length, 1);
});
