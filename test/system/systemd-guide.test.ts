/** The archive on an empty host: docs/guide/systemd.md command by command, with the output that it shows; the role for ansible. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { archive } from '../harness/archive.ts';
import { type Block, blocksOf, lookUntilTrue, type Step, stepsOf, worldOf } from '../harness/guide.ts';
import { missing } from '../harness/machine.ts';
import { type Ran, ROOT, World, writing } from '../harness/systemd.ts';

const PAGE = join(ROOT, 'docs/guide/systemd.md');
/** The user of the commands after `$`. */
const OPERATOR = 'vera';
const VERSION = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;
/** Commands that change nothing. A test types faster than a person, so their output may lag: they are repeated. */
const LOOKS = /^(systemctl status|journalctl|holdfast (ps|status|why|events)) /;
/** Milliseconds. */
const PATIENCE = 10_000;
/** A file that gets the actual output, for writing the page. */
const TRANSCRIPT = process.env.HOLDFAST_TRANSCRIPT;

const folder = mkdtempSync(join(tmpdir(), 'holdfast-archive-'));
let file = '';
before(() => {
  file = archive(folder);
});
after(() => rmSync(folder, { recursive: true }));

test('the guide is true on an empty host', async (t) => {
  const world = await World.boot(t, `cp /.machine${file} /root/; useradd -m ${OPERATOR}`);
  if (!world) {
    return;
  }
  const blocks = blocksOf(worldOf(readFileSync(PAGE, 'utf8'))).filter(({ language, marks }) => {
    return language === 'console' && !marks.has('not run');
  });
  const steps = blocks.flatMap((block) => [...hidden(block), ...stepsOf(block)]);
  assert.ok(steps.length > 10, 'the page has commands');
  assert.ok(steps[0]?.command.includes(basename(file)), 'and begins with this archive');
  const all: string[] = [];
  for (const step of steps) {
    const patience = LOOKS.test(step.command) && TRANSCRIPT === undefined ? PATIENCE : 0;
    const { printed, line } = await lookUntilTrue(step.shown, patience, async () => {
      const { stdout }: Ran = await world.run(...argv(step));
      return stdout;
    });
    all.push(`${step.prompt} ${step.command}\n${printed}`);
    if (TRANSCRIPT === undefined) {
      assert.equal(line, undefined, `${step.prompt} ${step.command}\nprints\n${printed}\nand not: ${line}`);
    } else {
      writeFileSync(TRANSCRIPT, all.join(''));
    }
  }
});

const running = (name: string) => `[console]\n${name} = { run = ["/bin/cat"] }\n`;

/** ansible starts a Python for every task. */
const PLAY_TIMEOUT_MS = 200_000;

/** The entries of a site in its inventory. */
const VARIABLES = {
  holdfast_archive: '/root/holdfast.tar.gz',
  holdfast_version: VERSION,
  holdfast_operators: [OPERATOR],
  holdfast_configuration: { vacuum: running('vac-01'), old: running('old-01') },
};
const LATER = { ...VARIABLES, holdfast_configuration: { vacuum: running('vac-01'), cryo: running('cryo-01') } };

test('the role for ansible installs, and changes later only what has changed', {
  skip: missing('ansible-playbook'),
}, async (t) => {
  const world = await World.boot(
    t,
    [
      `cp /.machine${file} ${VARIABLES.holdfast_archive}; useradd -m ${OPERATOR}`,
      writing('/root/site.json', JSON.stringify(VARIABLES)),
      writing('/root/later.json', JSON.stringify(LATER)),
    ].join('\n'),
  );
  if (!world) {
    return;
  }
  /** The number of tasks that changed something. */
  const play = async (variables: string): Promise<number> => {
    const words = `cd ${ROOT}/packaging/ansible; ANSIBLE_PIPELINING=1 ansible-playbook -i localhost, -c local site.yml -e @/root/${variables}.json`;
    const { code, stdout, stderr }: Ran = await world.long(PLAY_TIMEOUT_MS, 'bash', '-c', words);
    assert.equal(code, 0, stdout + stderr);
    return Number(/changed=(\d+)/.exec(stdout)?.[1]);
  };
  const pid = () => world.sh(`holdfast status vac-01 --json | grep -oE '"pid": *[0-9]+' | head -1`);
  assert.ok((await play('site')) > 5);
  assert.equal(await world.sh('holdfast ps -q | sort'), 'old-01\nvac-01');
  assert.equal(await world.sh('systemctl is-enabled holdfast'), 'enabled');
  assert.match(await world.sh(`id ${OPERATOR}`), /\(holdfast\)/);
  const pidBefore = await pid();
  assert.equal(await play('later'), 3, 'a file more, a file less, their application, and no more');
  assert.equal(await world.sh('holdfast ps -q | sort'), 'cryo-01\nvac-01');
  assert.equal(await pid(), pidBefore, 'what stays is not disturbed');
});

/** Steps that the page describes in words. */
function hidden({ marks }: Block): Step[] {
  const command = marks.get('run');
  return command === undefined ? [] : [{ prompt: '#', command, shown: ['...'] }];
}

function argv({ prompt, command }: Step): string[] {
  const shell = ['bash', '-c', `exec 2>&1; cd; ${command}`];
  return prompt === '#' ? shell : ['runuser', '-u', OPERATOR, '--', 'env', `HOME=/home/${OPERATOR}`, ...shell];
}
