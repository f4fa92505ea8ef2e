import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { Verifier } from '../../src/audit/verify.ts';
import type { AuditVerdict } from '../../src/model/audit.ts';
import { AuditFolder, entryOf } from '../harness/audit-folder.ts';

type Files = readonly (readonly [name: string, lines: readonly string[]])[];

/** A chain of several files, written by several servers, one of which was killed in a line. */
async function chain(t: TestContext): Promise<{ files: Files; head: { seq: number; hash: string } }> {
  const audit = new AuditFolder(t);
  audit.keep = 8 * 1500;
  let file = audit.open();
  for (let number = 0; number < 24; number++) {
    file.add(entryOf(number % 2 ? 'stop' : 'start', { console: `vac-${number % 3}` }));
    await file.settle();
    if (number === 5) {
      file.close();
      const torn = [...audit.contents()].find(([name]) => name === 'audit.jsonl') as [string, string];
      audit.put(torn[0], `${torn[1]}{"seq":`);
      file = audit.open();
    }
  }
  const number = (name: string) => Number(/\d+$/.exec(name)?.[0] ?? 0);
  const files = [...audit.contents()]
    .sort(([one], [other]) => number(other) - number(one))
    .map(([name, text]) => [name, text.split('\n').slice(0, -1)] as const);
  return { files, head: (await file.still(async (end) => end)) as { seq: number; hash: string } };
}

function verify(files: Files, head?: { seq: number; hash: string }): AuditVerdict {
  const verifier = new Verifier(head);
  for (const [file, lines] of files) {
    for (const [index, line] of lines.entries()) {
      verifier.add({ file, line: index + 1, bytes: Buffer.from(line, 'latin1') });
    }
  }
  return verifier.verdict();
}

interface Harm {
  readonly kind: 'edit' | 'remove' | 'swap' | 'insert' | 'empty';
  readonly line: number;
  readonly other: number;
  readonly at: number;
  readonly letter: string;
}

/** Does it to the line of this number, counted over all files. */
function harmed(files: Files, { at, kind, letter, line, other }: Harm): Files {
  const all = files.flatMap(([name, lines]) => lines.map((text) => ({ name, text })));
  const [one, two] = [line % all.length, other % all.length];
  const target = all[one] as { name: string; text: string };
  switch (kind) {
    case 'edit': {
      const place = at % target.text.length;
      all[one] = { ...target, text: target.text.slice(0, place) + letter + target.text.slice(place + 1) };
      break;
    }
    case 'remove':
      all.splice(one, 1 + (other % 3));
      break;
    case 'swap': {
      const { text } = all[two] as { text: string };
      all[two] = { ...(all[two] as { name: string; text: string }), text: target.text };
      all[one] = { ...target, text };
      break;
    }
    case 'insert':
      all.splice(one, 0, { ...target, text: (all[two] as { text: string }).text });
      break;
    case 'empty':
      all.splice(one, 0, { ...target, text: '' });
      break;
  }
  const names = [...new Set(all.map(({ name }) => name))];
  return names.map((name) => [name, all.filter((each) => each.name === name).map(({ text }) => text)]);
}

const HARM: fc.Arbitrary<Harm> = fc.record({
  kind: fc.constantFrom('edit', 'remove', 'swap', 'insert', 'empty'),
  line: fc.nat(1000),
  other: fc.nat(1000),
  at: fc.nat(1000),
  letter: fc.constantFrom(...'"{}:,x01 \u0000'),
});

test('whatever is edited, removed, swapped or inserted is found', async (t) => {
  const { files, head } = await chain(t);
  assert.ok(files.length > 3);
  const verdict = verify(files, head);
  assert.deepEqual([verdict.broken, verdict.torn], [undefined, 1]);
  fc.assert(
    fc.property(fc.array(HARM, { minLength: 1, maxLength: 3 }), (harms) => {
      const after = harms.reduce(
        (now, harm) => (now.flatMap(([, lines]) => lines).length > 0 ? harmed(now, harm) : now),
        files,
      );
      const same = JSON.stringify(after) === JSON.stringify(files);
      assert.equal(verify(after, head).broken === undefined, same);
    }),
    { numRuns: 3000 },
  );
});

test('the place that is named is the first one that is not as it was written', async (t) => {
  const { files, head } = await chain(t);
  const all = files.flatMap(([name, lines]) => lines.map((_, index) => ({ name, line: index + 1 })));
  for (const [index, { line, name }] of all.entries()) {
    const { broken } = verify(harmed(files, { kind: 'edit', line: index, other: 0, at: 20, letter: 'X' }), head);
    // A torn line has no hash of its own: it is hashed together with the line before it.
    const isTorn = files.some(([file, lines]) => file === name && lines[line - 1]?.endsWith('{"seq":') === true);
    assert.ok(
      isTorn || `${broken?.file}:${broken?.line}` === `${name}:${line}`,
      `${name}:${line}: ${JSON.stringify(broken)}`,
    );
  }
});

test('without a word of the server all is found but what happened to the last lines', async (t) => {
  const { files } = await chain(t);
  const lines = files.flatMap(([, text]) => text).length;
  for (let line = 0; line < lines - 1; line++) {
    assert.ok(verify(harmed(files, { kind: 'edit', line, other: 0, at: 30, letter: '~' })).broken, `line ${line}`);
  }
  assert.equal(
    verify(harmed(files, { kind: 'remove', line: lines - 1, other: 0, at: 0, letter: '' })).broken,
    undefined,
  );
});
