import { join } from 'node:path';
import type { ProcServInstance } from '../../grammar/text/procserv-conf.ts';
import { type Subcommand, systemctl } from './call.ts';
import { readInstances } from './instances.ts';
import type { Scope } from './scope.ts';
import { writeWhole } from './write-file.ts';

export const writeProcsCfCommand: Subcommand = {
  name: 'write-procs-cf',
  usage: '',
  help: 'write a configuration for conserver with a console for each instance',
  options: [
    { name: 'out', short: 'f', argument: 'required', value: 'FILE', help: 'the file [/etc/conserver/procs.cf]' },
    { name: 'reload', short: 'R', argument: 'none', help: 'reload conserver-server.service' },
  ],
  operands: [0, 0],
  run(call) {
    const { outside, scope, options } = call;
    const { instances } = readInstances(scope, outside);
    const file = options.get('out') ?? join(outside.etc, 'conserver/procs.cf');
    writeWhole(file, instances.map((instance) => block(instance, scope)).join(''));
    return options.has('reload') ? systemctl(call, ['reload', 'conserver-server.service']) : 0;
  },
};

function block({ name, port }: ProcServInstance, scope: Scope): string {
  const source = sourceOf(port) ?? ['type uds', `uds ${join(scope.runDirectory(name), 'control')}`];
  return [`console ${name} {`, ...['master localhost', ...source].map((line) => `    ${line};`), '}', ''].join('\n');
}

/** Of an instance that listens elsewhere than on the socket in its run directory. */
function sourceOf(port: string): string[] | undefined {
  const tcp = /^(?:.*:)?(\d+)$/.exec(port)?.[1];
  if (tcp !== undefined && tcp !== '0') {
    return ['type host', 'host localhost', `port ${tcp}`];
  }
  const path = /^unix:(?:[^:]*:[^:]*:[0-7]*:)?([^@].*)$/.exec(port)?.[1];
  return path === undefined ? undefined : ['type uds', `uds ${path}`];
}
