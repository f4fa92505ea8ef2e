import { join } from 'node:path';
import type { Subcommand } from './call.ts';
import { readInfo } from './info-file.ts';
import { readInstances } from './instances.ts';

export const statusCommand: Subcommand = {
  name: 'status',
  usage: '',
  help: 'show each instance: Running with its addresses, Dead, or Stopped',
  options: [],
  operands: [0, 0],
  run({ outside, scope }) {
    for (const { name } of readInstances(scope, outside).instances) {
      outside.out(`${name} ${stateOf(join(scope.runDirectory(name), 'info'))}\n`);
    }
    return 0;
  },
};

function stateOf(infoFile: string): string {
  const info = readInfo(infoFile);
  if (info === undefined) {
    return 'Stopped';
  }
  return info.alive ? `Running\t${info.shown.join(' ')}` : 'Dead';
}
