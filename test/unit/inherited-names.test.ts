/** Property names of every JavaScript object are names like any other, or are refused in their place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exitCodeOf } from '../../src/cli/holdfast/command/exit-codes.ts';
import { unitEnvironment } from '../../src/cli/import/unit-environment.ts';
import { problemError } from '../../src/client/problem-error.ts';
import { parseConserverCf } from '../../src/grammar/conserver/cf.ts';
import { readConsoleRc } from '../../src/grammar/conserver/console-rc.ts';
import { isConsoleName } from '../../src/grammar/holdfast/tables.ts';
import { parseIni } from '../../src/grammar/text/ini.ts';
import { keyValueFile } from '../../src/grammar/text/key-value.ts';
import { readMessage } from '../../src/listeners/control/attach-messages.ts';
import { readQuery } from '../../src/listeners/control/check.ts';
import { accepted, refused } from '../harness/read-config.ts';

/** The one that JavaScript programs lose: refused by every table. */
const LOST = '__proto__';
const INHERITED = Object.getOwnPropertyNames(Object.prototype);
const inherited = fc.constantFrom(...INHERITED);
const kept = fc.constantFrom(...INHERITED.filter((name) => name !== LOST));
const ORDINARY = 'ordinary_name';
/** The messages about a name, with the ordinary one in its place. */
const plain = (value: unknown, name: string) => JSON.stringify(value).replaceAll(name, ORDINARY);
const context = { isThisHost: () => true, servicePort: () => undefined, hasUser: () => true, hasGroup: () => true };

test('a template, a label, a variable, a group: the configuration is that of any other name', () => {
  const text = (name: string) => `[template.${name}]
history = 7
[console.c]
template = "${name}"
run = ["x"]
labels = { ${name} = "here" }
env = { ${name} = "there" }
groups = ["${name}"]
[discover.${name}]
dir = "/none"
[conserver.rights]
${name} = { write = ["${name}"] }
`;
  fc.assert(
    fc.property(kept, (name) => {
      assert.equal(plain(accepted(text(name)), name), plain(accepted(text(ORDINARY)), ORDINARY));
    }),
  );
  const told = refused(text(LOST)).map((line) => line.replace(/ is not a name here.*/, ''));
  for (const place of ['1 template', '6 console.c.labels', '7 console.c.env', '9 discover', '12 conserver.rights']) {
    assert.ok(told.includes(`a.toml:${place}.${LOST}: '${LOST}'`), `${place} in ${told.join('\n')}`);
  }
});

test('a console: like any other if the name is valid, otherwise refused with its line', () => {
  const text = (name: string) => `[console.${name}]\nrun = ["x"]\n[console.b]\nrun = ["x"]\nafter = ["${name}"]\n`;
  fc.assert(
    fc.property(inherited, (name) => {
      if (isConsoleName(name)) {
        assert.equal(plain(accepted(text(name)), name), plain(accepted(text(ORDINARY)), ORDINARY));
      } else {
        const [told, ...more] = refused(text(name));
        assert.match(told as string, new RegExp(`^a\\.toml:1 console\\.${name}: `));
        assert.deepEqual(more, []);
      }
    }),
  );
});

test('nothing exists unless configured: no template, console or key has such a name by itself', () => {
  fc.assert(
    fc.property(inherited, (name) => {
      for (const [text, line] of [
        [`[console.c]\nrun = ["x"]\ntemplate = "${name}"`, 3],
        [`[console.c]\nrun = ["x"]\nafter = ["${name}"]`, 3],
        [`[console.c]\nrun = ["x"]\n${name} = 1`, 3],
        [`[console.c]\nrun = ["x"]\nlimits = { ${name} = 1 }`, 3],
        [`[console.c]\nrun = ["x"]\nstop = [{ signal = "${name}" }]`, 3],
        [`[server]\n${name} = 1\n[console.c]\nrun = ["x"]`, 2],
        [`${name} = 1\n[console.c]\nrun = ["x"]`, 1],
      ] as const) {
        const [told, ...more] = refused(text);
        assert.match(told as string, new RegExp(`^a\\.toml:${line} `), text);
        assert.deepEqual(more, [], text);
      }
    }),
  );
});

test('conserver.cf: consoles, groups, users, break lists, tasks, other masters', () => {
  const text = (name: string) => `group ${name} { users ${name}, ann; }
default ${name} { rw ${name}; type exec; exec cat; logfile ""; }
task 1 { cmd ${name}; description "${name}"; }
console ${name} { include ${name}; master me; aliases a-${name}; motd "${name}"; }
console far { include ${name}; master ${name}; }
access * { trusted 127.0.0.1; admin ${name}; limited ${name}; }
`;
  const all = (name: string) => {
    const { consoles, access, tasks, faults } = parseConserverCf(
      'c.cf',
      text(name),
      () => ({ error: 'none' }),
      context,
    );
    assert.deepEqual(faults, []);
    assert.equal(consoles.length, 2);
    // Columns depend on the length of the name.
    const rest = [consoles, access, [...tasks]].map((list) =>
      JSON.stringify(list, (key, value) => (key === 'at' ? 0 : value)),
    );
    return plain(rest, name);
  };
  fc.assert(fc.property(inherited, (name) => assert.equal(all(name), all(ORDINARY))));
});

test('unknown blocks and keywords of conserver.cf and console.cf', () => {
  fc.assert(
    fc.property(inherited, (name) => {
      const unknown = [`${name} x { y z; }\n`, `config * { ${name} z; }\n`, `terminal * { ${name} z; }\n`];
      for (const text of unknown) {
        const faults = readConsoleRc(
          'rc',
          text,
          () => ({ error: 'none' }),
          { isThisHost: () => true, terminal: 'x' },
          {},
        );
        assert.equal(faults.length, 1);
        assert.match(faults[0]?.message ?? '', /^unknown (block type|keyword) /);
      }
      for (const text of [...unknown.slice(0, 2), `console x { ${name} z; }\n`, `access * { ${name} z; }\n`]) {
        const { faults } = parseConserverCf('c.cf', text, () => ({ error: 'none' }), context);
        assert.ok(
          faults.some(({ message }) => message.toLowerCase().includes(name.toLowerCase())),
          text,
        );
      }
    }),
  );
});

test('ini files, files of NAME=VALUE, Environment= of a unit', () => {
  fc.assert(
    fc.property(inherited, (name) => {
      const { sections } = parseIni([{ file: 'f', text: `[${name}]\n${name} = v\n` }]);
      assert.equal(sections.get(name)?.find(name.toLowerCase())?.raw, 'v');
      assert.equal(keyValueFile({ file: 'f', text: `${name}=v\n` }).values.get(name)?.value, 'v');
      const { env, left } = unitEnvironment(`${name}=v B=w`);
      assert.deepEqual(
        [Object.entries(env), left],
        [
          [
            [name, 'v'],
            ['B', 'w'],
          ],
          [],
        ],
      );
    }),
  );
});

test('the control API: queries, messages, problem documents', () => {
  fc.assert(
    fc.property(inherited, (name) => {
      const query = Object.fromEntries([[name, '1']]);
      assert.throws(() => readQuery(undefined, query), /there is no such parameter/);
      assert.throws(() => readMessage(JSON.stringify({ type: name })), /message\.type/);
      const error = problemError(418, `{"code": "${name}", "detail": "d"}`);
      assert.deepEqual([error.code, exitCodeOf(error)], ['HF_BAD_REQUEST', 1]);
    }),
  );
});
