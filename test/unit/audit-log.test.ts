import assert from 'node:assert/strict';
import { appendFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { AccessControl } from '../../src/host/access-control.ts';
import { AuditLog } from '../../src/host/audit-log.ts';
import { Events } from '../../src/host/events.ts';
import { GuardedHost } from '../../src/host/guarded-host.ts';
import { DiskLogFiles } from '../../src/logs/disk-log-files.ts';
import { AUDIT_FILE, type AuditRecord } from '../../src/model/audit.ts';
import type { HoldfastError } from '../../src/model/errors.ts';
import { type Principal, sender } from '../../src/model/principal.ts';
import { DiskFiles } from '../../src/platform/files/disk-files.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { person } from '../fakes/principals.ts';
import { atEnd } from '../harness/at-end.ts';
import { smallDisk, temporaryDirectory } from '../harness/machine.ts';
import { accepted } from '../harness/read-config.ts';

const RULES = `
[[access.rule]]
who = ["vera"]
on = ["vac-*"]
may = ["operate"]
[[access.rule]]
who = ["root-of-it"]
may = ["admin", "configure"]
`;

class Applying extends FakeHost {
  /** Called within `apply`. */
  applying: (by: Principal) => Promise<unknown> = async () => undefined;

  override async apply(by: Principal) {
    await this.applying(by);
    return super.apply(by);
  }
}

interface Site {
  readonly audit: AuditLog;
  readonly host: Applying;
  readonly events: Events;
  readonly folder: string;
  readonly told: string[];
  as(user: string): GuardedHost;
  lines(): Promise<readonly AuditRecord[]>;
}

function site(t: TestContext, text = RULES, folder = temporaryDirectory(t)): Site {
  const host = new Applying();
  host.add('vac-01');
  host.add('rf-01');
  const config = accepted(`${text}\n[console.vac-01]\nrun = ["x"]\n[console.rf-01]\nrun = ["x"]\n`);
  const disk = new DiskFiles(systemClock);
  const told: string[] = [];
  const audit = new AuditLog({
    first: config.audit,
    clock: systemClock,
    files: new DiskLogFiles(disk, join(folder, AUDIT_FILE)),
    copy: () => undefined,
    tell: (line) => void told.push(line),
  });
  const access = new AccessControl({
    first: config.access,
    changed: () => undefined,
    groupsOf: () => [],
    memberships: { has: () => false, learn: async () => undefined },
    ownUid: 0,
    clock: systemClock,
  });
  const events = new Events(() => Date.now(), 0);
  events.listen((event) => audit.event(event));
  atEnd(t, async () => {
    await audit.finish();
    disk.close();
  });
  return {
    ...{ audit, events, folder, host, told },
    as: (user) => new GuardedHost({ host, access, audit }, person(user)),
    lines: async () => {
      const records: AuditRecord[] = [];
      for await (const { record } of audit.records({})) {
        records.push(record);
      }
      return records;
    },
  };
}

/** Without what every line has. */
function brief({ act, by, console, outcome, reason, right }: AuditRecord): string {
  return [outcome, act, console, 'by', by.user, reason && `(${reason})`, right && `lacks ${right}`]
    .filter(Boolean)
    .join(' ');
}

test('what changes something is a line, done, failed or refused; what only reads is not', async (t) => {
  const { as, host, lines } = site(t);
  await as('vera').restart('vac-01', 'HV card');
  await assert.rejects(as('vera').stop('rf-01'));
  await assert.rejects(as('jo').detail('vac-01'));
  await as('vera')
    .detail('vac-01')
    .catch(() => undefined);
  host.fail('start', 'HF_HELD', 'held');
  await assert.rejects(as('vera').start('vac-01'));
  const found = await lines();
  assert.deepEqual(found.map(brief), [
    'done file by holdfast',
    'done restart vac-01 by vera (HV card)',
    'refused stop rf-01 by vera lacks stop',
    'failed start vac-01 by vera',
  ]);
  assert.deepEqual(found[1]?.by, person('vera'));
  assert.equal(found[3]?.error?.code, 'HF_HELD');
});

test('whoever gives no reason where one is required has the right all the same', async (t) => {
  const { as, lines } = site(t, '[[access.rule]]\nwho = ["vera"]\nmay = ["restart"]\nreason = "required"\n');
  await assert.rejects(as('vera').restart('vac-01'), { code: 'HF_REASON_NEEDED' });
  assert.deepEqual((await lines()).map(brief).slice(1), ['refused restart vac-01 by vera']);
});

test('what takes admin or configure is written before it is done', async (t) => {
  const { as, host, lines } = site(t);
  const seen: string[][] = [];
  host.applying = async () => void seen.push((await lines()).map(brief));
  await as('root-of-it').apply('new pump');
  assert.deepEqual(seen, [['done file by holdfast', 'begun apply by root-of-it (new pump)']]);
  assert.deepEqual((await lines()).map(brief).slice(2), ['done apply by root-of-it (new pump)']);
});

test('a configuration that is refused whole was not applied', async (t) => {
  const { as, host, lines } = site(t);
  const problem = (line: number) => ({ file: '/h.toml', line, key: 'run', message: 'missing' });
  host.planned = { problems: [problem(1), problem(2)], steps: [], server: [] };
  await as('root-of-it').apply();
  const [last] = (await lines()).slice(-1);
  assert.equal(last && brief(last), 'failed apply by root-of-it');
  assert.equal(last?.error?.message, 'nothing was applied: /h.toml:1: run: missing, and 1 other problem');
});

test('a configuration that is applied is one line with its steps, whoever applied it', async (t) => {
  const { as, events, host, lines } = site(t);
  const steps = [{ action: 'change', console: 'vac-01', keys: ['run'], effect: 'restart' }] as const;
  host.applying = async (by: Principal) => void events.add({ type: 'config', what: 'applied', steps, by });
  await as('root-of-it').apply();
  events.add({ type: 'config', what: 'applied', steps, by: sender('SIGHUP') });
  const found = (await lines()).slice(1);
  assert.deepEqual(found.map(brief), [
    'begun apply by root-of-it',
    'done apply by root-of-it',
    'done apply by unknown',
  ]);
  assert.deepEqual(
    found.slice(1).map(({ details }) => details),
    [{ steps: ['change vac-01 (run)'] }, { steps: ['change vac-01 (run)'] }],
  );
  assert.equal(found[2]?.by.from, 'SIGHUP');
});

test('the start and the end of a server are lines', async (t) => {
  const { events, lines } = site(t);
  events.add({ type: 'server', what: 'up', version: '1', pid: 7, consoles: 2 });
  events.add({ type: 'server', what: 'down', all: false, by: sender('SIGTERM') });
  assert.deepEqual((await lines()).slice(1).map(brief), ['done up by holdfast', 'done end by unknown']);
});

test('a crowd of refusals is counted, and displaces nothing', async (t) => {
  const { as, audit, lines } = site(t);
  for (let number = 0; number < 100; number++) {
    await assert.rejects(as('jo').stop('rf-01'));
  }
  await as('vera').restart('vac-01');
  const found = (await lines()).map(({ outcome }) => outcome);
  assert.equal(found.filter((each) => each === 'refused').length, 20);
  assert.equal(found.at(-1), 'done');
  assert.ok(audit.config);
});

test('without [access] and [audit] there is neither a file nor an answer', async (t) => {
  const { as, audit, folder, lines } = site(t, '');
  await as('vera').restart('vac-01');
  await as('vera').apply();
  await audit.finish();
  assert.equal(existsSync(join(folder, AUDIT_FILE)), false);
  await assert.rejects(lines(), { code: 'HF_AUDIT_OFF' });
});

test('a reload begins and ends it, and what ends it is its last line', async (t) => {
  const { as, audit, events, folder, lines } = site(t, '');
  const on = accepted('[audit]\nwhen_full = "go on"\n');
  assert.deepEqual(await audit.apply(on), [{ action: 'add', console: '[audit]' }]);
  await as('vera').restart('vac-01');
  assert.deepEqual(await audit.apply(accepted('[audit]\nkeep = "2M"\n')), [
    { action: 'change', console: '[audit]', keys: ['keep', 'when_full'], effect: 'live' },
  ]);
  const steps = await audit.apply({});
  assert.deepEqual(steps, [{ action: 'remove', console: '[audit]' }]);
  events.add({ type: 'config', what: 'applied', steps, by: person('vera') });
  await as('vera').restart('vac-01');
  await assert.rejects(lines(), { code: 'HF_AUDIT_OFF' });
  await audit.finish();
  const again = site(t, '[audit]', folder);
  assert.deepEqual((await again.lines()).map(brief).slice(1), ['done restart vac-01 by vera', 'done apply by vera']);
});

test('a full disk refuses admin and configure, and nothing else', async (t) => {
  const disk = smallDisk(t, 64 * 1024);
  if (disk === undefined) {
    t.skip('no tmpfs can be mounted');
    return;
  }
  const { as, audit, host, lines, told } = site(t, RULES, disk);
  await as('vera').restart('vac-01');
  await lines();
  const ballast = join(disk, 'ballast');
  assert.throws(() => appendFileSync(ballast, Buffer.alloc(1 << 20)), /ENOSPC/);
  // The page that the file has may still take some lines.
  for (let number = 0; number < 20; number++) {
    await as('vera').restart('vac-01', 'x'.repeat(900));
  }
  const before = host.calls.length;
  await assert.rejects(as('root-of-it').apply(), (error: HoldfastError) => error.code === 'HF_NO_AUDIT');
  await assert.rejects(as('root-of-it').down(false), (error: HoldfastError) => error.code === 'HF_NO_AUDIT');
  assert.equal(host.calls.length, before, 'neither was done');
  await as('vera').stop('vac-01');
  await as('vera').start('vac-01');
  assert.equal(told.length, 1);
  assert.match(
    told[0] as string,
    /audit\.jsonl\) cannot be written: no space left on device \(ENOSPC\); until it can be/,
  );
  rmSync(ballast);
  await as('root-of-it').apply();
  assert.match(told[1] as string, /is written again/);
  const found = (await lines()).map(brief);
  assert.equal(found.filter((line) => line.startsWith('done restart')).length, 21, 'what waited is there');
  assert.ok(found.includes('failed apply by root-of-it'));
  assert.equal(found.at(-1), 'done apply by root-of-it');
  assert.equal((await audit.verify()).broken, undefined);
});

test('when_full = "go on" refuses nothing', async (t) => {
  const disk = smallDisk(t, 64 * 1024);
  if (disk === undefined) {
    t.skip('no tmpfs can be mounted');
    return;
  }
  const { as, host, told } = site(t, `${RULES}\n[audit]\nwhen_full = "go on"\n`, disk);
  assert.throws(() => appendFileSync(join(disk, 'ballast'), Buffer.alloc(1 << 20)), /ENOSPC/);
  await as('root-of-it').apply();
  assert.deepEqual(
    host.calls.map(({ verb }) => verb),
    ['apply'],
  );
  assert.match(told[0] as string, /cannot be written: no space left on device \(ENOSPC\)$/);
});
