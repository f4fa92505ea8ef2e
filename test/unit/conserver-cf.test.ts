import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseConserverCf } from '../../src/grammar/conserver/cf.ts';
import { showConsole } from '../../src/grammar/conserver/check.ts';
import { type ReadFile, showFault } from '../../src/grammar/conserver/source.ts';
import { escapeText, unescapeText } from '../../src/grammar/conserver/values.ts';
import { ANY_CHARACTER } from '../harness/any-character.ts';

const ENVIRONMENT = {
  isThisHost: (name: string) => name === 'here',
  servicePort: (name: string) => (name === 'telnet' ? 23 : undefined),
  hasUser: (name: string) => name === 'nobody',
  hasGroup: () => false,
};

const files =
  (texts: Readonly<Record<string, string>>): ReadFile =>
  (path) => {
    const text = texts[path];
    return text === undefined ? { error: 'no such file' } : { text };
  };

const parse = (text: string, texts: Readonly<Record<string, string>> = {}) =>
  parseConserverCf('t.cf', text, files(texts), ENVIRONMENT);

const E = '{ master m; type exec; }';

test('quotes, backslashes, comments and names with blanks', () => {
  const { consoles, faults } = parse(`# comment
default "my defs" { rw *; }      # names may contain spaces
default * { master localhost; logfile /tmp/&; timestamp 1hab; include my defs ; }
"conso"le on\\e { type exec; exec echo "a;b {c} \\"q\\" \\x" \\; ok; aliases uno, "dos" tres; }
CONSOLE two { TYPE HOST; host ts1; port 7; portbase 2000; portinc 100; protocol raw; }
console three { type device; device /dev/ttyD.; devicesubst .=p02d; port 5; baud 9600; parity none; }
console four { type uds; uds /run/N/control; udssubst N=cs; options ondemand, !autoreinit; }
console five { type noop; }
console six { type exec; host h1; port 10; exec ssh -p P H,R; execsubst P=P05d,H=h6s,R=rs; replstring "r r"; }
console seven { type host; host x; port telnet; }
`);
  assert.deepEqual(faults, []);
  assert.deepEqual(consoles.map(showConsole), [
    '{one:localhost:,uno,dos,tres:|:echo a;b {c} "q" \\x ; ok}',
    '{two:localhost::!:ts1,2700}',
    '{three:localhost::/:/dev/ttyD05,9600n}',
    '{four:localhost::%:/run/four/control}',
    '{five:localhost::#:}',
    '{six:localhost::|:ssh -p 00010     h1,r r}',
    '{seven:localhost::!:x,23}',
  ]);
  const [one, , three, four] = consoles;
  assert.equal(one?.logfile, '/tmp/one');
  assert.deepEqual(one?.timestamp, {
    every: { count: 60, unit: 'minutes' },
    activity: true,
    breaks: true,
    tasks: false,
  });
  assert.deepEqual(one?.rw, [{ name: '*', allowed: true }]);
  assert.deepEqual(
    [one?.options.ixon, one?.options.ixoff, three?.options.ixoff, four?.options.ixon],
    [true, false, true, false],
  );
  assert.deepEqual([four?.options.ondemand, four?.options.autoreinit], [true, false]);
});

test('defaults apply to what follows, later settings win, "" resets', () => {
  const { consoles } = parse(`
default * { master localhost; type exec; exec first; rw a; }
console a { }
default * { master localhost; type exec; exec second; }
console b { }
console c { exec third; include *; }
console d { include *; exec fourth; exec ""; }
default x { exec sixth; ro b; }
default y { ro c; include x; }
console e { include y; type noop; type exec; }
`);
  assert.deepEqual(
    consoles.map(({ exec }) => exec),
    ['first', 'second', 'second', undefined, 'sixth'],
  );
  assert.deepEqual(
    consoles.at(-1)?.ro.map(({ name }) => name),
    ['c', 'b'],
  );
});

test('groups are inlined, negated after a !, and the last mention counts', () => {
  const { consoles } = parse(`group ops { users ann, bob; users cid; }
group helpers { users *, !ops; }
console a { master m; type exec; rw ops, !bob; ro helpers; }
console b { master m; type exec; rw a; rw ""; rw b; }`);
  const shown = consoles.map(({ rw, ro }) =>
    [rw, ro].map((list) => list.map((user) => (user.allowed ? '' : '!') + user.name).join()),
  );
  assert.deepEqual(shown, [
    ['ann,cid,!bob', '*,!ann,!bob,!cid'],
    ['b', ''],
  ]);
});

test('includes: between blocks, inside a block, nested', () => {
  const { consoles, faults } = parse('#include   inc.cf  \nconsole top { master m; type noop; }', {
    'inc.cf': 'console shallow {\n master m; type noop;\n#include motd.cf\n}\n#include inc2.cf',
    'motd.cf': 'motd "included # text";',
    'inc2.cf': `console deep ${E}`,
  });
  assert.deepEqual(faults, []);
  assert.deepEqual(
    consoles.map(({ name }) => name),
    ['shallow', 'deep', 'top'],
  );
  assert.equal(consoles[0]?.motd, 'included # text');
});

test('an include may follow blanks and other text on its line; not within quotes', () => {
  const files = { a: `console a ${E}`, b: `console b ${E}`, c: 'type noop;', d: `console d ${E}` };
  const { consoles, faults } = parse(
    `  #include a\nconsole top ${E} #include b\nconsole x { master m; #include c\n}\n\t#include\td \n` +
      `console y { master m; type noop; motd "one\n#include a\ntwo"; }\n#included from nowhere\n# #include a\n`,
    files,
  );
  assert.deepEqual(faults, []);
  assert.deepEqual(
    consoles.map(({ name }) => name),
    ['a', 'top', 'b', 'x', 'd', 'y'],
  );
  assert.equal(consoles.at(-1)?.motd, 'one\n#include a\ntwo');
  assert.match(
    parse('console a { }\n  #include  \n')
      .faults.map(({ message }) => message)
      .join(),
    /names no file/,
  );
});

test('an include that is missing or endless is a fault, and reading goes on', () => {
  const { consoles, faults } = parse(`#include nope\n#include self\nconsole a ${E}`, { self: '#include self\n' });
  assert.equal(consoles.length, 1);
  assert.match(faults.map(showFault).join('\n'), /t\.cf:1:1: .*`nope'[\s\S]*self:1:1: .*too deep/);
});

/** Every fault of spec/conserver.md appendix B: text, then what the one complaint must match. */
const FAULTS: readonly (readonly [string, RegExp])[] = [
  ['consle x { }', /^t\.cf:1:1: .*consle/],
  ['console x {\n frobnicate 1;\nmaster m; type exec; }', /^t\.cf:2:2: .*frobnicate/],
  ['}', /^t\.cf:1:1: `}'/],
  ['console { master m; type exec; }', /^t\.cf:1:\d+: .*empty name/],
  ['default "" { }', /^t\.cf:1:1: .*empty name/],
  ['console x { type exec; }', /`x' has no `master'/],
  ['console x { master m; }', /`x' has no `type'/],
  ['console x { master m; type exec; port nope; }', /`nope'/],
  ['console x { master m; type host; host h; }', /`x' has no `port'/],
  ['console x { master m; type host; port 3; }', /`x' has no `host'/],
  ['console x { master m; type uds; }', /`x' has no `uds'/],
  [`console x { master m; type uds; uds /${'a'.repeat(107)}; type noop; }`, /longer than 107/],
  ['console x { master m; type exec; include no such; }', /`no such'/],
  ['console x { master m; type exec; aliases y y; }', /`y' is given twice/],
  [`console y ${E} console x { master m; type exec; aliases Y; }`, /alias `Y' is taken by `y'/],
  [`console y ${E} console Y ${E}`, /`Y' is defined twice/],
  ['console x { master m; type exec; options bogus; }', /bogus/],
  ['console x { master m; type exec; options "a,b"; }', /no option `b'/],
  ['console x { master m; type ipmi; }', /ipmitool/],
  ['console x {\n type exec;\n\n\n}', /^t\.cf:2:\d+: .*`x' has no `master'/],
  ['console x { master m; type exec; baud 12345; }', /12345/],
  ['console x { master m; type exec; parity weird; }', /weird/],
  ['console x { master m; type exec; protocol TELNET; }', /TELNET/],
  ['console x { master m; type exec; portinc 70000; }', /portinc .*70000/],
  ['console x { master m; type exec; portbase -2; }', /portbase .*-2/],
  ['console x { master m; type exec; initspinmax 300; }', /initspinmax .*300/],
  ['console x { master m; type exec; initspintimer 300; }', /initspintimer .*300/],
  ['console x { master m; type exec; idletimeout 5x; }', /idletimeout .*5x/],
  ['console x { master m; type exec; logfilemax 1k; }', /logfilemax .*1k/],
  ['console x { master m; type exec; timestamp 5q; }', /5q.*unknown `q'/],
  ['console x { master m; type exec; timestamp m; }', /no number before `m'/],
  ['console x { master m; type exec; timestamp 5a; }', /number before `a'/],
  ['console x { master m; type exec; breaklist 9; }', /breaklist names `9'/],
  ['console x { master m; type exec; breaklist zz; }', /`zz' is not a break/],
  ['console x { master m; type exec; tasklist 5; }', /tasklist names `5'/],
  ['console x { master m; type exec; break 99; }', /`99' is not a break/],
  ['console x { master m; type exec; rw "!"; }', /`!' names nobody/],
  ['console x { master m; type exec; execrunas ghost; }', /no user `ghost'/],
  ['console x { master m; type exec; initrunas :ghosts; }', /no group `ghosts'/],
  ['console x { master m; type exec; execsubst XX; }', /`XX'.*character 2, `X'/],
  ['console x { master m; type exec; execsubst "X=cs,X=hs"; }', /`X' twice/],
  ['console x { master m; type exec; exec X; execsubst X=hs; }', /execsubst uses `h' but no host/],
  ['console x { master m; type exec; exec X; execsubst X=Pd; }', /execsubst uses `P' but no port/],
  [`console x ${E} break 0 { string x; }`, /`0' is not a break/],
  [`console x ${E} break 1 { delay 1000; }`, /1000/],
  [`console x ${E} task A { cmd x; }`, /`A' is not a task/],
  [`console x ${E} task 1 { confirm perhaps; }`, /perhaps/],
  [`console x ${E} config * { sslrequired maybe; }`, /maybe/],
  [`console x ${E} config elsewhere { initdelay soon; }`, /soon/],
  [`console x ${E} config * { reinitcheck x; }`, /reinitcheck .*`x'/],
  [`console x ${E} config * { defaultaccess x; }`, /defaultaccess .*`x'/],
  [`console x ${E} access * { include foo; }`, /access block `foo'/],
  [`console x ${E} access * { trusted 1.2.3; }`, /1\.2\.3/],
  [`console x ${E} console y { master m; type exec }`, /`;' after `type' is missing/],
  [`console x ${E} console y { master m; type; }`, /value of `type'/],
  [`console x ${E} console y { master m; type exec;`, /`}' is missing/],
  [`console x ${E} access * { trusted "1.2.3.4`, /quoted text that begins here/],
  ['config * { }', /^no consoles/],
];

test('each fault has its own complaint that names the offending text', () => {
  for (const [text, pattern] of FAULTS) {
    const shown = parse(text).faults.map(showFault);
    assert.ok(
      shown.some((line) => pattern.test(line)),
      `${text}\n${shown.join('\n')}`,
    );
  }
});

test('any text is read to its end without an exception, and every fault has its place', () => {
  const piece = fc.constantFrom(
    ...[
      'console ',
      'default ',
      'x',
      ' { ',
      ' }',
      ';',
      '"',
      '\\',
      '#',
      '\n',
      '#include t\n',
      ' *',
      'type exec',
      'master m;',
    ],
    ...[
      'rw ',
      '!a,',
      'include x;',
      'group ',
      'users a',
      'access ',
      'trusted 1.2.3.4/5',
      'options !x',
      'execsubst X=pd',
    ],
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 60 }).map((list) => list.join('')),
    fc.string({ unit: ANY_CHARACTER }),
  );
  fc.assert(
    fc.property(text, text, (source, included) => {
      const { faults } = parse(source, { t: included });
      assert.ok(
        faults.every(({ at, message }) => message !== '' && (at === undefined || (at.line > 0 && at.column > 0))),
      );
    }),
    { numRuns: 1000 },
  );
});

test('trailing blanks belong to nothing, however they are written', () => {
  const read = (exec: string) => parse(`console a { master m; type exec; exec ${exec}; }`).consoles[0]?.exec;
  assert.deepEqual(['"x "', 'x\\ ', '"" x', '\\ x', '" "'].map(read), ['x', 'x', 'x', ' x', undefined]);
});

test('a surplus brace leaves the block as it is', () => {
  const { consoles, faults } = parse('console a { { master { m { ; type exec; }\n');
  assert.deepEqual(consoles.map(showConsole), ['{a:m::|:/bin/sh}']);
  assert.deepEqual(faults.map(showFault), [
    "t.cf:1:13: `{' where a keyword of block `console a' should stand",
    "t.cf:1:22: `{' before the value of `master' in block `console a'",
    "t.cf:1:26: `{' where the `;' after `master' should stand in block `console a'",
  ]);
});

test('an entry that has no effect in its place is reported', () => {
  const faultsOf = (text: string) => parse(`${text}\nconsole z ${E}`).faults.map(showFault);
  assert.deepEqual(faultsOf('default x { aliases q; }'), ["t.cf:1:13: unknown keyword `aliases' in block `default x'"]);
  assert.deepEqual(faultsOf('console a { master m; type exec; execsubst N=cs,; }'), [
    "t.cf:1:44: execsubst in `console a': substitution `N=cs,' is not a list of X=t[n]f (it ends too early)",
  ]);
  assert.deepEqual(faultsOf('config * { primaryport telnet; secondaryport nosuch; }'), [
    "t.cf:1:46: secondaryport in `config *': `nosuch' is neither a port number nor a known service",
  ]);
  assert.deepEqual(faultsOf(`console a { master m; type uds; uds /${'x'.repeat(107)}; }`).length, 1);
});

test('a placeholder has no log', () => {
  const { consoles } = parse(
    'default * { master m; logfile /log/&; }\nconsole a { type noop; }\nconsole b { type exec; }',
  );
  assert.deepEqual(
    consoles.map(({ logfile }) => logfile),
    [undefined, '/log/b'],
  );
});

test('blanks in a timestamp, a star in a list, an empty include', () => {
  const { consoles, faults } = parse(
    'console a { master m; type exec; include ""; timestamp 1h a; breaklist 1,*; }\naccess * { include ""; }',
  );
  assert.deepEqual(faults, []);
  assert.deepEqual([consoles[0]?.timestamp?.activity, consoles[0]?.breaklist], [true, '*']);
});

test('what is escaped is one line, and the same text again', () => {
  assert.equal(escapeText('a\r\n^\\\x01'), 'a\\r\\n\\^\\\\\\001');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      const text = Buffer.from(bytes).toString('latin1');
      assert.doesNotMatch(escapeText(text), /[\r\n]/);
      assert.equal(unescapeText(escapeText(text)), text);
    }),
  );
});
