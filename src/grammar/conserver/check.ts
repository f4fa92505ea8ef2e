import type { ConsoleRecord } from './records.ts';

const TYPE_MARKS = { exec: '|', device: '/', host: '!', uds: '%', noop: '#' } as const;

/** The line that `conserver -SS` prints for a console (spec/conserver.md 7.3), without its line end. */
export function showConsole(record: ConsoleRecord): string {
  const aliases = record.aliases.map((alias) => `,${alias}`).join('');
  return `{${record.name}:${record.master}:${aliases}:${TYPE_MARKS[record.type]}:${details(record)}}`;
}

function details(record: ConsoleRecord): string {
  switch (record.type) {
    case 'exec':
      return record.exec ?? '/bin/sh';
    case 'host':
      return `${record.host},${record.port}`;
    case 'device':
      return `${record.device},${record.baud}${record.parity?.charAt(0)}`;
    case 'uds':
      return record.uds ?? '';
    case 'noop':
      return '';
  }
}
