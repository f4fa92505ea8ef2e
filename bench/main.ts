import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { conserverSuite } from './conserver/suite.ts';
import { hostSuite } from './host/suite.ts';
import { isisSuite } from './isis/suite.ts';
import { writeFigures } from './lib/figures.ts';
import { describeMachine } from './lib/machine.ts';
import { compileNative } from './lib/native.ts';
import { endEverythingAtExit } from './lib/process.ts';
import type { Settings, Suite } from './lib/suite.ts';
import { markdownTable, type Row, verdict } from './lib/table.ts';
import { procServSuite } from './procserv/suite.ts';

const suites: readonly Suite[] = [procServSuite, hostSuite, isisSuite, conserverSuite];
const TMPFS_MAGIC = 0x01021994;

const usage = `usage: npm run bench -- [SUITE...] [options]
  SUITE            ${suites.map((suite) => suite.name).join(', ')} (default: all)
  --only CASE      only this case, repeatable: ${suites.flatMap((suite) => suite.cases.map((entry) => entry.name)).join(', ')}
  --quick          fewer rounds: a look, not figures to publish
  --ours PATH      program under test
  --theirs PATH    incumbent
  --log-dir DIR    where the servers write their logs (default /var/tmp)
  --write          put the table into bench/README.md
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2),
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true },
      quick: { type: 'boolean', default: false },
      ours: { type: 'string' },
      theirs: { type: 'string' },
      'log-dir': { type: 'string', default: '/var/tmp' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const unknown = positionals.filter((name) => !suites.some((suite) => suite.name === name));
  const cases = new Set(suites.flatMap((suite) => suite.cases.map((entry) => entry.name)));
  unknown.push(...(values.only ?? []).filter((name) => !cases.has(name)));
  if (unknown.length > 0) {
    process.stderr.write(`bench: no such suite or case: ${unknown.join(', ')}\n${usage}`);
    return 2;
  }
  if (values.write && (values.only !== undefined || values.quick)) {
    process.stderr.write('bench: --write publishes whole runs only: leave out --only and --quick\n');
    return 2;
  }
  endEverythingAtExit();
  const settings: Settings = {
    quick: values.quick,
    ours: values.ours,
    theirs: values.theirs,
    logDirectory: values['log-dir'],
    native: compileNative(),
  };
  let missed = 0;
  const failed: string[] = [];
  for (const suite of suites.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    const figures = await measure(suite, settings, values.only);
    missed += figures.rows.filter((row) => verdict(row) === 'MISSED').length;
    process.stdout.write(`\n${figures.text}\n`);
    failed.push(...figures.failed);
    if (values.write && figures.failed.length === 0) {
      writeFigures(join(import.meta.dirname, 'README.md'), suite.name, figures.text);
    }
  }
  process.stdout.write(`\n${missed} goals missed\n`);
  for (const reason of failed) {
    process.stderr.write(`bench: not measured: ${reason}\n`);
  }
  return failed.length > 0 ? 1 : 0;
}

async function measure(suite: Suite, settings: Settings, only: readonly string[] | undefined) {
  const began = performance.now();
  const machine = describeMachine();
  const rows: Row[] = [];
  const failed: string[] = [];
  for (const entry of suite.cases.filter(({ name }) => only === undefined || only.includes(name))) {
    process.stderr.write(`bench: ${suite.name} ${entry.name}\n`);
    try {
      rows.push(...(await entry.run(settings)));
    } catch (error) {
      // The figures of the other cases are still valid; the run as a whole has failed.
      failed.push(`${entry.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  const disk = statfsSync(settings.logDirectory).type === TMPFS_MAGIC ? 'tmpfs' : 'disk';
  const head = [
    `${new Date().toISOString().slice(0, 10)}, ${seconds} s${settings.quick ? ' (--quick)' : ''}. ${machine}.`,
    `${suite.describe(settings)} Logs on ${disk} (${settings.logDirectory}).`,
  ];
  return { rows, failed, text: `${head.join('\n')}\n\n${markdownTable(rows)}` };
}

process.exitCode = await main();
