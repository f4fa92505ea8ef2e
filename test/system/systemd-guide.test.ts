/** docs/guide/systemd.md from an empty host on: its commands, one after the other, with the output that it shows. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { archive } from '../harness/archive.ts';
import { type Step, stepsOf, untrue } from '../harness/guide.ts';
import { type Ran, ROOT, World } from '../harness/systemd.ts';

const PAGE = join(ROOT, 'docs/guide/systemd.md');
/** Whose the commands behind `$` are. */
const OPERATOR = 'vera';
/** A file that gets what was really printed: for whoever writes the page. */
const TRANSCRIPT = process.env.HOLDFAST_TRANSCRIPT;

test('the guide is true', async (t) => {
  const file = archive(t);
  const world = await World.boot(t, `cp /.machine${file} /root/; useradd -m ${OPERATOR}`);
  if (!world) {
    return;
  }
  const steps = stepsOf(readFileSync(PAGE, 'utf8'));
  assert.ok(steps.length > 10, 'the page has commands');
  assert.ok(steps[0]?.command.includes(basename(file)), 'and begins with this archive');
  const all: string[] = [];
  for (const step of steps) {
    const { stdout, stderr }: Ran = await world.run(...argv(step));
    const printed: string = `${stdout}${stderr.replace(/^\/etc\/bash\.bashrc: .*\n/gm, '')}`;
    all.push(`${step.prompt} ${step.command}\n${printed}`);
    const line = untrue(step.shown, printed);
    if (TRANSCRIPT !== undefined) {
      writeFileSync(TRANSCRIPT, all.join(''));
    } else {
      assert.equal(line, undefined, `${step.prompt} ${step.command}\nprints\n${printed}\nand not: ${line}`);
    }
  }
});

function argv({ prompt, command }: Step): string[] {
  const shell = ['bash', '-c', `exec 2>&1; cd; ${command}`];
  return prompt === '#' ? shell : ['runuser', '-u', OPERATOR, '--', 'env', `HOME=/home/${OPERATOR}`, ...shell];
}
