import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { HostConfig, PlanStep } from '../../src/model/config.ts';
import type { ConsolePort } from '../../src/model/console-port.ts';
import type { HostService } from '../../src/model/host-service.ts';
import type { Principal } from '../../src/model/principal.ts';
import { configOf, HostInMemory } from '../fakes/host-in-memory.ts';

const WHO: Principal = { user: 'ann', channel: 'api', from: 'localhost', assurance: 'kernel' };
const A_SERVICE_STEP: PlanStep = { action: 'change', console: 'pager', keys: ['limit'], effect: 'live' };

/**
 * The cost of a sixth service: this class, and its place in a list. It follows `start_at_once` because it has no key of
 * its own.
 */
class Pager implements HostService {
  readonly name = 'pager';
  readonly calls: string[] = [];
  fault: string | undefined;
  #limit = 0;

  plan({ server }: HostConfig): readonly PlanStep[] {
    this.calls.push('plan');
    return server.startAtOnce === this.#limit ? [] : [A_SERVICE_STEP];
  }

  async apply({ server }: HostConfig): Promise<readonly PlanStep[]> {
    const differs = server.startAtOnce !== this.#limit;
    this.calls.push('apply');
    if (this.fault !== undefined) {
      throw new Error(this.fault);
    }
    this.#limit = server.startAtOnce;
    return differs ? [A_SERVICE_STEP] : [];
  }

  consoleCame({ name, state }: ConsolePort): void {
    this.calls.push(`came ${name}, ${state}`);
  }

  consoleChanged({ name, config }: ConsolePort): void {
    this.calls.push(`changed ${name} ${config.history}`);
  }

  consoleWent(name: string): void {
    this.calls.push(`went ${name}`);
  }

  async close(): Promise<void> {
    this.calls.push('close');
  }

  /** Calls since the last time. */
  get heard(): readonly string[] {
    return this.calls.splice(0);
  }
}

const limited = (limit: number) => `[server]\nstart_at_once = ${limit}`;

async function opened(t: TestContext, first: HostConfig): Promise<{ world: HostInMemory; pager: Pager }> {
  const pager = new Pager();
  const world = new HostInMemory(t, first, [pager]);
  await world.host.open([]);
  await world.host.openServices('others');
  return { world, pager };
}

test('a service sees consoles come, change and go, configurations planned and applied, and the end, in this order', async (t) => {
  const { world, pager } = await opened(t, configOf({ a: '', b: '' }, limited(2)));
  assert.deepEqual(pager.heard, ['came a, stopped', 'came b, stopped', 'apply']);
  world.onDisk = configOf({ b: 'history = 5', c: '' }, limited(3));
  assert.deepEqual((await world.host.plan()).steps.at(-1), A_SERVICE_STEP);
  assert.deepEqual(pager.heard, ['plan']);
  const { steps, failed } = await world.host.apply(WHO);
  assert.deepEqual(
    steps.map(({ action, console }) => `${action} ${console}`),
    ['remove a', 'change b', 'add c', 'change pager'],
  );
  assert.equal(failed, undefined);
  assert.deepEqual(pager.heard, ['went a', 'changed b 5', 'came c, stopped', 'plan', 'apply']);
  assert.deepEqual(world.told, ['configuration applied: remove a, change b, add c, change pager']);
  assert.deepEqual(world.applied, [true]);
  await world.host.closeServices();
  assert.deepEqual(pager.heard, ['close']);
});

test('a service that waits for the consoles opens with them, the others later', async (t) => {
  const order: string[] = [];
  const service = (name: string, more: Pick<HostService, 'afterConsoles'>): HostService => ({
    name,
    ...more,
    apply: async () => {
      order.push(name);
      return [];
    },
    close: async () => undefined,
  });
  const world = new HostInMemory(t, configOf({}), [service('others', {}), service('after', { afterConsoles: true })]);
  await world.host.open([]);
  assert.deepEqual(order, []);
  await world.host.openServices('after consoles');
  assert.deepEqual(order, ['after']);
  await world.host.openServices('others');
  assert.deepEqual(order, ['after', 'others']);
});

test('a console whose step fails stays in the plan, and blocks nothing else', async (t) => {
  const { world, pager } = await opened(t, configOf({ a: '', gone: '' }));
  world.onDisk = configOf({ a: 'history = 5', bad: '', good: '' });
  world.faults.set('bad', 'open').set('a', 'log');
  pager.calls.length = 0;
  const { steps, failed } = await world.host.apply(WHO);
  const text = (list: readonly { action: string; console: string }[]) => list.map((s) => `${s.action} ${s.console}`);
  assert.deepEqual(text(steps), ['remove gone', 'add good']);
  assert.deepEqual(failed, [
    { action: 'change', console: 'a', reason: 'the log cannot be moved' },
    { action: 'add', console: 'bad', reason: 'the holder has no room for it' },
  ]);
  assert.deepEqual(world.told, [
    'configuration applied: remove gone, add good; not applied: change a (the log cannot be moved), ' +
      'add bad (the holder has no room for it)',
  ]);
  assert.deepEqual(world.applied, [false], 'the files are not in force');
  // Nothing is left of the one that could not be created, and the one that could not be changed is as it was.
  assert.deepEqual(world.closed, ['gone', 'bad']);
  assert.deepEqual(pager.heard.slice(0, 4), ['went gone', 'came bad, stopped', 'went bad', 'came good, stopped']);
  assert.deepEqual(
    (await world.host.list()).map(({ name }) => name),
    ['a', 'good'],
  );
  assert.notEqual(world.host.consoles[0]?.config.history, 5);
  assert.deepEqual(text((await world.host.plan()).steps), ['change a', 'add bad']);

  world.faults.clear();
  assert.deepEqual(text((await world.host.apply(WHO)).steps), ['change a', 'add bad']);
  assert.deepEqual((await world.host.plan()).steps, []);
  assert.equal(world.host.consoles[0]?.config.history, 5);
  assert.deepEqual(world.applied, [false, true]);
});

test('a service that fails stays in the plan; consoles and other services follow', async (t) => {
  const failing = new Pager();
  const fine = new Pager();
  const world = new HostInMemory(t, configOf({}, limited(2)), [failing, fine]);
  await world.host.open([]);
  await world.host.openServices('others');
  world.onDisk = configOf({ a: '' }, limited(3));
  failing.fault = 'its certificate cannot be read';
  const { steps, failed } = await world.host.apply(WHO);
  assert.deepEqual(steps, [{ action: 'add', console: 'a' }, A_SERVICE_STEP]);
  assert.deepEqual(failed, [{ action: 'change', console: 'pager', reason: 'its certificate cannot be read' }]);
  assert.deepEqual((await world.host.plan()).steps, [A_SERVICE_STEP]);
  // Even if the plan contains nothing of it.
  world.onDisk = configOf({ a: '' }, limited(2));
  assert.deepEqual((await world.host.apply(WHO)).failed, [
    { action: 'change', console: '[pager]', reason: 'its certificate cannot be read' },
  ]);
});

test('the replacement of a console waits until the old one could be removed', async (t) => {
  const went = new Pager();
  const { world } = await opened(t, configOf({ a: '' }));
  world.host.serve([went]);
  let faults = 1;
  went.consoleWent = () => {
    if (faults-- > 0) {
      throw new Error('still in use');
    }
  };
  world.onDisk = configOf({});
  world.onDisk = { ...world.onDisk, consoles: [{ ...configOf({ a: '' }).consoles[0], source: LINK }] } as HostConfig;
  assert.deepEqual((await world.host.apply(WHO)).failed, [
    { action: 'remove', console: 'a', reason: 'still in use' },
    { action: 'add', console: 'a', reason: 'the one before it could not be removed: still in use' },
  ]);
  const planned = (await world.host.plan()).steps.map(({ action }) => action);
  assert.deepEqual(planned, ['remove', 'add']);
  assert.equal(world.host.consoles[0]?.config.source.kind, 'run');
  await world.host.apply(WHO);
  assert.equal(world.host.consoles[0]?.config.source.kind, 'unix');
});

const LINK = { kind: 'unix', path: '/nowhere' } as const;

test('told to go down, the host reports it once, with the principal', async (t) => {
  const { world } = await opened(t, configOf({}));
  await world.host.down(false, WHO);
  await world.host.down(true, { ...WHO, user: 'bob' });
  assert.deepEqual(await world.host.toldToGoDown, { all: false, by: WHO });
});
