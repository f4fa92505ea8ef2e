/** The users of consoles, and the warning if it is root. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostUnderTest } from '../harness/host.ts';

const options = { skip: process.geteuid?.() === 0 ? false : 'only root starts processes as somebody else' };

test('doctor names the consoles that run as root by default', options, async (t) => {
  const host = await HostUnderTest.start(
    t,
    `[console]
bare = { run = ["/bin/cat"] }
meant = { run = ["/bin/cat"], user = "root" }
other = { run = ["/bin/cat"], user = "nobody" }
link = { unix = "nobody-there.sock" }
`,
  );
  const users = new Map((await host.client.list({})).map(({ name, user }) => [name, user]));
  assert.deepEqual([...users].sort(), [
    ['bare', undefined],
    ['link', undefined],
    ['meant', 'root'],
    ['other', 'nobody'],
  ]);
  const { stdout } = await host.command('doctor');
  assert.match(stdout, /^warning +users: root runs bare: anyone who may type into one of them can become root$/m);
  host.configure('[defaults]\nuser = "nobody"\n[console.bare]\nrun = ["/bin/cat"]\n');
  await host.client.apply();
  assert.doesNotMatch((await host.command('doctor')).stdout, /users: root runs/);
});
