import { createInterface, type Interface } from 'node:readline';
import { upperCase } from '../../codec/imp.ts';
import { flags } from '../../isis/commands.ts';
import type { IsisHost } from '../../isis/host-table.ts';
import type { IsisServer } from '../../isis/server.ts';
import { stamp } from '../../isis/stamp.ts';
import { shownText, wireText } from '../../isis/wire-text.ts';

export interface ConsoleOptions {
  readonly server: IsisServer;
  readonly print: (line: string) => void;
  /** Ends the server. */
  readonly finish: () => void;
  /** Microseconds since 1970. */
  readonly started: number;
  readonly version: string;
}

const HELP = `Commands of the console:
  quit               end the server, after telling everybody
  hosts              the hosts and where they are
  info               configuration and state
  verbose, concise   show every message, or only unusual ones
  history            what was typed; !! and !n and !text repeat it
  >XX text           send text to host XX, with >AL to everybody
Anything else is a server command: PING STATUS HOST PORTS FLUSH REMOVE LOG UDPPING
HANDSHAKE TIME CONFIG VERSION`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: what a stranger sends must not steer the operator's terminal
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;

/** The console of a server that was started without -d (spec/isis.md 10). */
export class IsisConsole {
  readonly #options: ConsoleOptions;
  readonly #history: string[] = [];
  #lines: Interface | undefined;

  constructor(options: ConsoleOptions) {
    this.#options = options;
  }

  /** `start` is the cold start, announced before and after. */
  open(start: () => void): void {
    const { server, print } = this.#options;
    print(`${server.id} server started on port ${server.port}`);
    print('Type quit to terminate the server session.');
    print('<< Server Cold Restart >>');
    start();
    print('<< Cold Restart Done >>');
    const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: `${server.id}% ` });
    this.#lines = lines;
    // The terminal may be gone (EPIPE, EIO): the console ends, the server goes on.
    process.stdout.on('error', () => lines.close());
    lines.on('error', () => lines.close());
    lines.on('line', (line) => {
      this.#typed(line.trim());
      this.#lines?.prompt();
    });
    lines.on('SIGINT', () => this.#options.finish());
    lines.on('close', () => {
      // End of input: the console ends, the server goes on.
      this.#lines = undefined;
    });
    lines.prompt();
  }

  /** Prints an unsolicited line, of bytes from anywhere, above the prompt and what is being typed. */
  show(line: string): void {
    const shown = shownText(line).replace(CONTROL, '?');
    if (!this.#lines) {
      this.#options.print(shown);
      return;
    }
    if (process.stdout.isTTY) {
      process.stdout.write('\r\u001b[K');
    }
    this.#options.print(shown);
    // Output for a reader that does not read must not pile up.
    if (process.stdout.writableLength === 0) {
      this.#lines.prompt(true);
    }
  }

  close(): void {
    const lines = this.#lines;
    this.#lines = undefined;
    lines?.close();
  }

  #typed(typed: string): void {
    const { print } = this.#options;
    const line = typed.startsWith('!') ? this.#recall(typed.slice(1)) : typed;
    if (line === undefined) {
      print(`${typed}: event not found`);
      return;
    }
    if (line === '') {
      return;
    }
    if (line !== typed) {
      print(line);
    }
    this.#history.push(line);
    if (line.startsWith('>')) {
      this.#send(line);
      return;
    }
    const word = (line.split(' ', 1)[0] as string).toLowerCase();
    const action = Object.hasOwn(ACTIONS, word) ? ACTIONS[word] : undefined;
    if (action) {
      action(this.#options, this.#history);
    } else {
      this.#options.server.typed(wireText(line), (answer) => print(shownText(answer)));
    }
  }

  #recall(what: string): string | undefined {
    if (what === '!') {
      return this.#history.at(-1);
    }
    return /^\d+$/.test(what)
      ? this.#history[Number(what) - 1]
      : this.#history.findLast((line) => what !== '' && line.startsWith(what));
  }

  #send(line: string): void {
    const { server, print } = this.#options;
    const [, name = '', text = ''] = /^>\s*(\S*)\s*(.*)$/.exec(line) ?? [];
    if (upperCase(name) === 'AL') {
      print(`broadcast message - ${text}`);
    }
    if (name === '' || !server.say(wireText(name), wireText(text))) {
      print(`ERROR: unknown client host ${name}`);
    }
  }
}

type Action = (options: ConsoleOptions, history: readonly string[]) => void;

const ACTIONS: Readonly<Record<string, Action | undefined>> = {
  quit: ({ server, finish }) => {
    server.say('AL', `STATUS: MODE=OFFLINE ${server.id}=DISABLED Server Shutting Down`);
    finish();
  },
  hosts: ({ server, print }) => {
    if (server.table.count === 0) {
      print('NumClients=0, No clients currently connected');
      return;
    }
    print(`NumClients=${server.table.count} MaxClients=${server.table.size}`);
    for (const host of server.table) {
      print(hostLine(server, host));
    }
  },
  info: ({ server, print, started, version }) => {
    const { about, config } = server;
    const rows = [
      ['HostID', server.id],
      ['IPAddr', `${about.hostName}:${server.port}`],
      ['rcFile', server.rcFile],
      ['logFile', server.log.path],
      ['UserID', about.user],
      ['Started', stamp(started)],
      ['NumClients', `${server.table.count} of ${server.table.size}`],
      ...server.lines.map(({ device }, n) => [`tty${n}`, device]),
      ...config.udpPorts.map(({ address, port }, n) => [`udp${n}`, `${address}:${port}`]),
      ['Flags', flags(server)],
      ['Instrument', config.instrument],
      ['Version', version],
    ];
    for (const [name = '', value = ''] of rows) {
      print(`  ${name.padEnd(12)} ${value}`);
    }
  },
  help: ({ print }) => print(HELP),
  verbose: ({ server }) => {
    server.verbose = true;
  },
  concise: ({ server }) => {
    server.verbose = false;
  },
  history: ({ print }, history) => {
    history.forEach((line, n) => {
      print(`${String(n + 1).padStart(5)}   ${line}`);
    });
  },
};

function hostLine(server: IsisServer, host: IsisHost): string {
  const idle = ((server.clock.monotonic() - host.heard) / 1000).toFixed(3);
  const where =
    host.route.kind === 'udp'
      ? `Method=UDP udpAddr=${host.route.address} udpPort=${host.route.port}`
      : `Method=Serial ttyPort=${host.route.line} ttyDevice=${server.lines[host.route.line]?.device}`;
  return `  Host${host.slot}: ID=${host.name} ${where} IdleTime=${idle}`;
}
