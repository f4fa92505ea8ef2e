// ps of a server with troubled consoles: flapping, dark links, resource use.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConsoleSummary } from '../../src/model/api.ts';
import { freePort } from '../harness/free-port.ts';
import { HostUnderTest } from '../harness/host.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

type Row = ConsoleSummary & {
  readonly uses?: { readonly cpuPercent?: number; readonly memoryBytes?: number; readonly processes?: number };
};

test('a console that restarts by itself is flapping though it is up, one that somebody restarts is not; a link is dark', async (t) => {
  const port = await freePort();
  const host = await HostUnderTest.start(
    t,
    `[defaults.restart]
holdoff = "0s"
[console.flaps]
run = ["/bin/sh", "-c", "test -e once || { touch once; exit 3; }; exec cat"]
chdir = "${temporaryDirectory(t)}"
[console.well]
run = ["/bin/cat"]
[console.ts]
tcp = "127.0.0.1:${port}"
`,
  );
  await until('the restart', async () => (await host.client.detail('flaps')).flapping === true);
  await host.state('flaps', 'running');
  await host.client.restart('well');
  await host.state('well', 'running');
  await until('the link to be dark', async () => (await host.client.detail('ts')).startTrouble !== undefined);
  const { stdout, stderr } = await host.command('ps');
  assert.match(
    stdout,
    /^NAME .*\nts +dark +\d+m?s +.* connection refused since \d+s\nflaps +flapping .*\nwell +running .*\n$/,
  );
  assert.equal(stderr, '', 'what the table says is not said again');
  assert.equal((await host.command('ps', '-q', '-s', 'flapping')).stdout, 'flaps\n');
  assert.equal((await host.command('ps', '-q', '-s', 'running')).stdout, 'flaps\nwell\n', 'the state is as it was');
});

test('ps -o cpu,memory: of real processes, and of what those have started', async (t) => {
  const host = await HostUnderTest.start(
    t,
    `[console.idle]
run = ["/bin/cat"]
[console.spins]
run = ["/bin/sh", "-c", "sleep 1000 & echo begun; while :; do :; done"]
ready.pattern = "begun"
`,
  );
  await host.state('idle', 'running');
  await host.state('spins', 'ready');
  const rows = async () => JSON.parse((await host.command('ps', '--json', '-o', 'name,cpu,memory')).stdout) as Row[];
  let spins: Row | undefined;
  await until('a share of a processor', async () => {
    spins = (await rows()).find(({ name }) => name === 'spins');
    return (spins?.uses?.cpuPercent ?? 0) > 0;
  });
  assert.ok((spins?.uses?.memoryBytes ?? 0) > 100_000, JSON.stringify(spins?.uses));
  assert.equal(spins?.uses?.processes, 2);
  const { stdout } = await host.command('ps', '-o', 'name,cputime', '--sort', 'cputime');
  assert.match(stdout, /^NAME +CPUTIME\nspins +\d.*\nidle +0\.0s\n$/);
  assert.match((await host.command('status', 'spins')).stdout, /\n +uses +memory \d.* MiB, cpu .*, 2 processes\n/);
});
