/** Keys of a console that say what it is connected to. */
import * as Type from 'typebox';
import { Address, Path } from '../config-forms.ts';
import { type At, consoleKey, Defaulted, type Tell } from './record.ts';

const Optional = Type.Optional;

const A_LINK = { layers: 'nearest', change: 'console', sets: 'source' } as const;
const OF_LINE = { ...A_LINK, only: 'serial' } as const;

function checkPort(address: string, tell: Tell): void {
  const port = Number(address.split(':').at(-1));
  if (port < 1 || port > 65535) {
    tell([], `port ${port} is not one of 1 to 65535`);
  }
}

function target(given: string, at: At): { readonly host: string; readonly port: number } {
  const address = at.fill(given);
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(address.slice(colon + 1)) };
}

/** How a serial line is set. */
export const SERIAL_KEYS = {
  baud: consoleKey({
    ...OF_LINE,
    schema: Defaulted(
      Type.Integer({ minimum: 50, description: 'Serial: bits per second.', default: 9600, examples: [115200] }),
    ),
    value: (rate) => rate,
  }),
  data_bits: consoleKey({
    ...OF_LINE,
    schema: Defaulted(
      Type.Union([Type.Literal(5), Type.Literal(6), Type.Literal(7), Type.Literal(8)], {
        description: 'Serial: bits of a character.',
        default: 8,
        examples: [7],
      }),
    ),
    value: (bits) => bits,
  }),
  stop_bits: consoleKey({
    ...OF_LINE,
    schema: Defaulted(
      Type.Union([Type.Literal(1), Type.Literal(2)], { description: 'Serial: stop bits.', default: 1, examples: [2] }),
    ),
    value: (bits) => bits,
  }),
  parity: consoleKey({
    ...OF_LINE,
    schema: Defaulted(
      Type.Union([Type.Literal('none'), Type.Literal('even'), Type.Literal('odd')], {
        description: 'Serial: parity.',
        default: 'none',
        examples: ['even'],
      }),
    ),
    /** `mark` and `space` only a conserver.cf can say. */
    value: (parity): 'none' | 'even' | 'odd' | 'mark' | 'space' => parity,
  }),
  flow: consoleKey({
    ...OF_LINE,
    schema: Defaulted(
      Type.Union([Type.Literal('none'), Type.Literal('hardware'), Type.Literal('software')], {
        description: 'Serial: flow control (`hardware`: RTS/CTS, `software`: XON/XOFF).',
        default: 'none',
        examples: ['hardware'],
      }),
    ),
    value: (control) => control,
  }),
};

/** One of them makes the source of a console. */
export const SOURCE_KEYS = {
  run: consoleKey({
    layers: 'nearest',
    change: 'process',
    sets: 'source',
    kernel: true,
    schema: Optional(
      Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String(), { minItems: 1 })], {
        title: 'a command (an array of words, or a line for /bin/sh)',
        description:
          'Source: a process in a terminal. An array is an argument vector, a text a line for `/bin/sh -c`. `{name}` stands for the console.',
        examples: [['/opt/epics/bin/iocsh.bash', '/opt/iocs/{name}/st.cmd'], 'exec ./st.cmd 2>&1'],
      }),
    ),
    check: (run, tell) => {
      if (run[0] === '') {
        tell([], 'the first word is empty: it names the program');
      }
    },
    value: (run, at): { kind: 'run'; argv: readonly string[] } => {
      const argv = typeof run === 'string' ? ['/bin/sh', '-c', run] : run;
      return { kind: 'run', argv: argv.map((word) => at.fill(word)) };
    },
  }),
  unix: consoleKey({
    ...A_LINK,
    kernel: true,
    schema: Optional(
      Path({
        description:
          'Source: a unix socket, such as that of an existing procServ; a relative path is below `server.runtime_dir`.',
        examples: ['/run/procServ/{name}/control'],
      }),
    ),
    value: (path, at) => ({ kind: 'unix' as const, path: at.path('runtimeDir', path) }),
  }),
  tcp: consoleKey({
    ...A_LINK,
    schema: Optional(Address({ description: 'Source: a TCP host, bytes as they come.', examples: ['plc-3.lab:4001'] })),
    check: checkPort,
    value: (address, at) => ({ kind: 'tcp' as const, ...target(address, at) }),
  }),
  telnet: consoleKey({
    ...A_LINK,
    schema: Optional(
      Address({ description: 'Source: a terminal server that speaks telnet.', examples: ['10.0.0.7:2003'] }),
    ),
    check: checkPort,
    value: (address, at) => ({ kind: 'telnet' as const, ...target(address, at) }),
  }),
  serial: consoleKey({
    ...A_LINK,
    kernel: true,
    schema: Optional(Path({ description: 'Source: a serial device.', examples: ['/dev/ttyUSB0'] })),
    value: (path, at) => ({ kind: 'serial' as const, path: at.path('file', path) }),
  }),
};
