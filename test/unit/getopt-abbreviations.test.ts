import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPTIONS } from '../../src/cli/procserv/options.ts';
import { getopt } from '../../src/grammar/text/getopt.ts';

const originals = OPTIONS.filter(({ added }) => !added);

/** Every prefix of an original option that was unambiguous among the originals. */
const abbreviations = originals.flatMap(({ name }) =>
  Array.from(name, (_, at) => name.slice(0, at + 1))
    .filter((typed) => originals.filter((option) => option.name.startsWith(typed)).length === 1)
    .map((typed) => ({ typed, name })),
);

for (const { typed, name } of abbreviations) {
  test(`--${typed} means --${name}, as it does for procServ`, () => {
    const { options, error } = getopt(OPTIONS, [`--${typed}`, 'value']);
    assert.equal(error, undefined);
    assert.equal(options[0]?.name, name);
  });
}

test('an added option can be abbreviated if no original begins so', () => {
  assert.deepEqual(getopt(OPTIONS, ['--hist=3']).options, [{ name: 'history', value: '3' }]);
});

test('an ambiguous abbreviation names what it may mean', () => {
  assert.equal(
    getopt(OPTIONS, ['--logo=x', '--logf=y', '--lo=z']).error,
    "option '--lo' is ambiguous; possibilities: '--logport' '--logfile' '--logstamp' '--logoutcmd'",
  );
});
