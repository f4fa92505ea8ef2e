import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connectControl } from '../../src/client/control-connection.ts';
import { Door } from '../../src/host/door.ts';
import { UNGUARDED } from '../../src/host/guarded-host.ts';
import { audit } from '../../src/listeners/control/audit.ts';
import { createControl } from '../../src/listeners/control/control.ts';
import { Streamed } from '../../src/listeners/control/route.ts';
import type { AuditFilter, AuditReader, PlacedRecord } from '../../src/model/audit.ts';
import type { HostClient } from '../../src/model/host-port.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { person } from '../fakes/principals.ts';
import { atEnd } from '../harness/at-end.ts';
import { until } from '../harness/until.ts';

/** An audit of so many lines; it counts those who read it. */
class Lines implements AuditReader {
  readonly asked: AuditFilter[] = [];
  open = 0;
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  async *records(filter: AuditFilter): AsyncGenerator<PlacedRecord> {
    this.asked.push(filter);
    this.open++;
    try {
      for (let seq = 1; seq <= this.#count; seq++) {
        const time = '2026-11-30T02:00:00.000Z';
        const record = { seq, time, act: 'start', outcome: 'done', by: person('vera'), prev: '0' } as const;
        yield { record, file: 'audit.jsonl', line: seq };
      }
    } finally {
      this.open--;
    }
  }

  async verify() {
    return { files: 1, lines: this.#count, torn: 0, missed: 0, anchored: true };
  }
}

async function serve(t: TestContext, recorded?: AuditReader): Promise<HostClient> {
  const folder = mkdtempSync(join(tmpdir(), 'hf-audit-'));
  const path = join(folder, 'control');
  const door = new Door({ host: new FakeHost(), ...UNGUARDED, ...(recorded && { recorded }) });
  const control = createControl({ door, clock: systemClock, fault: (error) => assert.fail(String(error)) });
  const server = createServer();
  control.attachTo(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  atEnd(t, async () => {
    await control.close();
    rmSync(folder, { recursive: true });
  });
  return connectControl(path);
}

test('lines come over the control API as they are, with their places, and as they were asked for', async (t) => {
  const lines = new Lines(3);
  const client = await serve(t, lines);
  const filter: AuditFilter = {
    ...{ since: 1000, until: 2000, user: 'vera', verb: 'start', console: 'vac', limit: 7 },
    ...{ outcome: 'refused', before: 40, text: 'HV card & more', rows: true },
  };
  const seqs: number[] = [];
  for await (const { file, line, record } of client.audit.records(filter)) {
    seqs.push(record.seq);
    assert.deepEqual([file, line, record.by.user], ['audit.jsonl', record.seq, 'vera']);
  }
  assert.deepEqual(seqs, [1, 2, 3]);
  assert.deepEqual(lines.asked, [filter]);
  assert.equal(lines.open, 0);
  assert.equal((await client.audit.verify()).lines, 3);
  const wrong = { outcome: 'lost' } as unknown as AuditFilter;
  await assert.rejects(client.audit.records(wrong)[Symbol.asyncIterator]().next(), { code: 'HF_BAD_REQUEST' });
});

test('a reader who leaves, or never begins, leaves nothing open', async (t) => {
  const lines = new Lines(1_000_000);
  const client = await serve(t, lines);
  for await (const { record } of client.audit.records({})) {
    if (record.seq === 2) {
      break;
    }
  }
  await until('it is closed', () => lines.open === 0);
  const call = { host: { audit: lines }, mustKeep: () => undefined, query: {} };
  const answer = (await audit.handle(call as never)) as Streamed;
  assert.ok(answer instanceof Streamed);
  assert.equal(lines.open, 1);
  answer.stream.destroy();
  await until('it is closed', () => lines.open === 0);
});

test('a server without an audit says so', async (t) => {
  const client = await serve(t);
  await assert.rejects(client.audit.verify(), { code: 'HF_AUDIT_OFF' });
  await assert.rejects(client.audit.records({})[Symbol.asyncIterator]().next(), { code: 'HF_AUDIT_OFF' });
});
