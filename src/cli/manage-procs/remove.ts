import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeSection } from '../../grammar/text/ini-remove.ts';
import { type Call, type Subcommand, systemctl } from './call.ts';
import { type Configured, instanceOf, readInstances } from './instances.ts';
import { Refused } from './outside.ts';
import { unitName } from './unit.ts';
import { writeWhole } from './write-file.ts';

export const removeCommand: Subcommand = {
  name: 'remove',
  usage: 'NAME',
  help: 'take an instance out of the configuration, and stop it',
  options: [{ name: 'force', short: 'f', argument: 'none', help: 'do not ask' }],
  operands: [1, 1],
  run(call) {
    const { scope, outside } = call;
    const name = call.words[0] as string;
    const configured = readInstances(scope, outside);
    instanceOf(configured, name);
    takeOut(call, configured, name);
    const failed = [['stop', unitName(name)], ['disable', unitName(name)], ['daemon-reload']].filter(
      (words) => systemctl(call, words) !== 0,
    );
    const unit = join(`${scope.base}.d`, unitName(name));
    if (existsSync(unit)) {
      rmSync(unit);
    }
    for (const words of failed) {
      outside.err(`manage-procs: systemctl ${scope.flag} ${words.join(' ')} did not succeed\n`);
    }
    return failed.length > 0 ? 1 : 0;
  },
};

/** From every file that has it. All questions come before any change. */
function takeOut({ outside, options }: Call, { texts }: Configured, name: string): void {
  const changes = texts.flatMap(({ file, text }) => {
    const removed = removeSection(text, name);
    return removed ? [{ file, removed }] : [];
  });
  for (const { file } of changes) {
    if (outside.ask && !options.has('force')) {
      const answer = outside.ask(`Remove section '${name}' from ${file} ? [yN]`).trim();
      if (!/^y(es)?$/i.test(answer)) {
        throw new Refused('nothing was removed');
      }
    }
  }
  for (const { file, removed } of changes) {
    if (removed.empty) {
      rmSync(file);
    } else {
      writeWhole(file, removed.text);
    }
  }
}
