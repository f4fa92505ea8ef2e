/** A connection in line mode, master or group: greeting, login, then a table of commands (spec/conserver.md 2.2 to 2.5). */
import { type CommandReader, parseWireCommand } from '../../../codec/conserver-command.ts';
import type { HostAccess } from '../../../grammar/conserver/records.ts';
import { HoldfastError } from '../../../model/errors.ts';
import type { ActingHost } from '../../../model/host-port.ts';
import type { Principal } from '../../../model/principal.ts';
import type { Verb } from '../../../model/rights.ts';
import { onWire } from '../model/rows.ts';

/** One word of the protocol: its help, who may use it, and what it does. */
export interface LineCommand<Context> {
  readonly word: string;
  readonly help: string;
  /** For administrators: what it does. */
  readonly admin?: Verb;
  /** Asked for before anything else, the right to use the word included. */
  readonly needsArgument?: true;
  /** The answer, with its line ends; 'close' after it hangs up. */
  readonly run: (context: Context, argument: string) => LineAnswer | Promise<LineAnswer>;
}

export interface LineAnswer {
  readonly text: string;
  readonly close?: true;
}

/** The connection as the session sees it. */
export interface LineConnection {
  readonly send: (text: string) => void;
  readonly close: () => void;
  /** Resolves when encryption may begin. */
  readonly tlsTurn: () => Promise<void>;
  /** Goes on encrypted from the next byte; called after the `ok` was sent. */
  readonly startTls: () => void;
  readonly encrypted: () => boolean;
}

export interface LineRules<Context> {
  readonly reader: CommandReader;
  readonly commands: readonly LineCommand<Context>[];
  readonly access: HostAccess;
  /** Name that this server gives itself in the password question. */
  readonly serverName: string;
  readonly tls: 'none' | 'offered' | 'required';
  readonly accepts: (user: string, password: string) => Promise<boolean>;
  /** Counts a received password. Returns milliseconds until one may be checked; 0: this one may. */
  readonly attempt: (user: string) => number;
  /** Looks up what is needed before anything is decided about a logged-in user. */
  readonly arrives: (user: string) => Promise<void>;
  readonly isAdmin: (user: string) => boolean;
  /** An administrator's command is about to be done. */
  readonly onAdmin: (user: string, word: string, argument: string) => void;
  /** The context of the commands, once the user is known. */
  readonly context: (user: string, assurance: Principal['assurance']) => Promise<Context>;
  /** A refused client; `user` undefined: its name is unknown. */
  readonly turnedAway: (user: string | undefined, why: string) => void;
  /** For the log and the login limits. */
  readonly onLogin: (user: string, accepted: boolean) => void;
}

type State<Context> =
  | { readonly kind: 'greeted' }
  | { readonly kind: 'password'; readonly user: string }
  | { readonly kind: 'in'; readonly user: string; readonly context: Context }
  | { readonly kind: 'closed' };

const UNKNOWN = 'unknown command\r\n';

export class LineSession<Context extends { readonly acting: Pick<ActingHost, 'deny'> }> {
  readonly #rules: LineRules<Context>;
  readonly #connection: LineConnection;
  #state: State<Context> = { kind: 'greeted' };
  /** Lines are answered in order, even if an answer is slow. */
  #turn: Promise<void> = Promise.resolve();

  constructor(rules: LineRules<Context>, connection: LineConnection) {
    this.#rules = rules;
    this.#connection = connection;
    if (rules.access === 'rejected') {
      rules.turnedAway(undefined, 'the host is rejected');
      this.#hangUp('access from your host refused\r\n');
    } else {
      connection.send('ok\r\n');
    }
  }

  /** One line, with or without its line end. Resolved once it is answered. */
  feed(line: string): Promise<void> {
    this.#turn = this.#turn.then(() => this.#answer(line.replace(/\r?\n?$/, '')));
    return this.#turn;
  }

  async #answer(line: string): Promise<void> {
    switch (this.#state.kind) {
      case 'closed':
        return;
      case 'password':
        return await this.#checkPassword(this.#state.user, line);
      case 'greeted':
        return await this.#introduce(line);
      case 'in':
        return await this.#command(this.#state.user, this.#state.context, line);
    }
  }

  async #introduce(line: string): Promise<void> {
    const { word, argument } = parseWireCommand(line, this.#rules.reader);
    const offersTls = this.#rules.tls !== 'none' && !this.#connection.encrypted();
    switch (word) {
      case 'help':
        return this.#connection.send(preLoginHelp(this.#rules.tls !== 'none'));
      case 'exit':
        return this.#hangUp('goodbye\r\n');
      case 'ssl':
        return offersTls ? await this.#encrypt() : this.#connection.send(UNKNOWN);
      case 'login':
        return await this.#login(argument);
      default:
        return this.#connection.send(UNKNOWN);
    }
  }

  async #encrypt(): Promise<void> {
    await this.#connection.tlsTurn();
    this.#connection.send('ok\r\n');
    this.#connection.startTls();
  }

  async #login(user: string): Promise<void> {
    if (user === '') {
      return this.#connection.send('login requires argument\r\n');
    }
    if (this.#rules.tls === 'required' && !this.#connection.encrypted()) {
      return this.#connection.send('encryption required\r\n');
    }
    if (this.#rules.access === 'trusted') {
      return await this.#enter(user, 'vouched');
    }
    if (await this.#rules.accepts(user, '')) {
      return await this.#enter(user, 'claimed');
    }
    this.#state = { kind: 'password', user };
    this.#connection.send(`passwd? ${this.#rules.serverName}\r\n`);
  }

  async #checkPassword(user: string, password: string): Promise<void> {
    const wait = this.#rules.attempt(user);
    if (wait > 0) {
      this.#rules.turnedAway(user, 'too many wrong passwords');
      return this.#hangUp(`too many wrong passwords: wait ${Math.ceil(wait / 1000)} s\r\n`);
    }
    if (await this.#rules.accepts(user, password)) {
      return await this.#enter(user, 'password');
    }
    this.#rules.turnedAway(user, 'invalid password');
    this.#rules.onLogin(user, false);
    this.#hangUp('invalid password\r\n');
  }

  async #enter(user: string, assurance: Principal['assurance']): Promise<void> {
    await this.#rules.arrives(user);
    this.#state = { kind: 'in', user, context: await this.#rules.context(user, assurance) };
    this.#rules.onLogin(user, true);
    this.#connection.send('ok\r\n');
  }

  async #command(user: string, context: Context, line: string): Promise<void> {
    const { word, argument } = parseWireCommand(line, this.#rules.reader);
    await this.#rules.arrives(user);
    if (word === 'help') {
      return this.#connection.send(commandHelp(this.#rules.commands));
    }
    if (word === 'exit') {
      return this.#hangUp('goodbye\r\n');
    }
    const command = this.#rules.commands.find((candidate) => candidate.word === word);
    if (command === undefined) {
      return this.#connection.send(UNKNOWN);
    }
    if (command.needsArgument && argument === '') {
      return this.#connection.send(`${word} requires argument\r\n`);
    }
    if (command.admin && !this.#rules.isAdmin(user)) {
      context.acting.deny(command.admin, `${user} is not in the list \`admin\` of conserver`);
      return this.#connection.send('unauthorized command\r\n');
    }
    if (command.admin) {
      this.#rules.onAdmin(user, word, argument);
    }
    const { text, close } = await answerOf(command, context, argument);
    return close ? this.#hangUp(text) : this.#connection.send(text);
  }

  #hangUp(text: string): void {
    this.#state = { kind: 'closed' };
    this.#connection.send(text);
    this.#connection.close();
  }
}

/** A refusal by the host is worded like that for non-administrators. */
async function answerOf<Context>(
  command: LineCommand<Context>,
  context: Context,
  argument: string,
): Promise<LineAnswer> {
  try {
    return await command.run(context, argument);
  } catch (error) {
    if (!(error instanceof HoldfastError)) {
      throw error;
    }
    return { text: `unauthorized command: ${onWire(error.message)}\r\n` };
  }
}

const EXIT = ['exit', 'hang up'] as const;
const HELP = ['help', 'these words'] as const;

function preLoginHelp(tls: boolean): string {
  const login = ['login', 'say who you are: login USER'] as const;
  return table([EXIT, HELP, login, ...(tls ? [['ssl', 'go on encrypted'] as const] : [])]);
}

function commandHelp(commands: readonly LineCommand<never>[]): string {
  const rows = commands.map(({ word, help, admin }) => [admin ? `${word}*` : word, help] as const);
  const sorted = [EXIT, HELP, ...rows].sort(([one], [other]) => (one < other ? -1 : 1));
  return `${table(sorted)}words with a * are for administrators\r\n`;
}

function table(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([word, help]) => `${word.padEnd(12)} ${help}\r\n`).join('');
}
