// `holdfast attach` on a real terminal, with a real server that is killed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { HOLDFAST, HostUnderTest, perl, SOAK } from '../harness/host.ts';
import { PtyProgram } from '../harness/pty-program.ts';
import { until } from '../harness/until.ts';

const KILLS = SOAK ? 30 : 4;

/** Numbers without a line end, in arbitrary pieces, some hundred kilobytes a second. */
const NUMBERS = `$| = 1; system("stty raw -echo"); my $text = "";
  while (1) { $text .= $n++ . " " while length $text < 4096; syswrite STDOUT, substr($text, 0, 1 + int rand 4096, "");
    select undef, undef, undef, 0.01; }`;

/** The output of the console on the screen: without the lines of the command, which are separate lines. */
function said(shown: string): string {
  const title = '\x1b[22;2t\x1b]2;numbers - holdfast\x07';
  return shown.replace(title, '').replace(/(\r\n)?(-- [^\r\n]* --\r\n)+/g, '');
}

test('attach on a terminal returns with the server, and shows every byte once', { timeout: 300_000 }, async (t) => {
  const host = await HostUnderTest.start(t, `[console.numbers]\n${perl(NUMBERS)}\n`);
  await host.said('numbers', '100 101 ');
  const env = { HOLDFAST_SOCKET: host.control };
  const program = await PtyProgram.start([HOLDFAST, 'attach', 'numbers', '--lines', '0', '--write'], env);
  atEnd(t, async () => {
    program.close();
    await program.ended;
  });
  await program.until('you have the keyboard');
  const mark = 'live from here; ^] ? for help --\r\n';
  const start = program.shown.indexOf(mark) + mark.length;
  const times: number[] = [];
  const whole: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    await program.until(/\d+ \d+ /, program.shown.length);
    const before = program.shown.length;
    const killed = performance.now();
    await host.kill();
    await program.until('the server is gone', before);
    await host.up();
    const up = performance.now();
    await program.until('this goes on where it stopped', before);
    times.push(performance.now() - up);
    whole.push(performance.now() - killed);
    await program.until('you have the keyboard', before);
    await program.until(/\d+ \d+ /, program.shown.length);
  }
  const worst = (all: readonly number[]) => Math.round(Math.max(...all));
  t.diagnostic(
    `${KILLS} kills: back at the latest ${worst(times)} ms after the new server was up, ${worst(whole)} ms after the kill`,
  );
  program.type('\x1dd');
  assert.equal((await program.ended).code, 0);
  const shown = said(program.shown.slice(start, program.shown.lastIndexOf('\x1b[23;2t')));
  assert.ok(shown.length > 4000);
  const end = shown.slice(-4000);
  await until('the last bytes in the log', () => host.log('numbers').includes(end));
  const log = host.log('numbers');
  assert.ok(log.startsWith(shown, log.indexOf(end) + end.length - shown.length), 'the log has something else');
});
