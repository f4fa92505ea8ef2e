/** An event of every kind, with its text; the type keeps the list complete. */
import type { Death } from '../../src/model/death.ts';
import type { FactKind, Happening, Told } from '../../src/model/events.ts';
import { guest, person } from './principals.ts';

const VERA = guest('vera', 'ws12');

export const A_DEATH: Death = {
  time: '2026-03-01T03:00:00.000Z',
  ...{ pid: 7, uptimeSeconds: 1.5, code: null, signal: 'SIGKILL', coreDumped: false, outOfMemory: false },
  ...{ askedBy: person('vera', { channel: 'procserv', pid: 12 }), askedSignal: 'SIGKILL' },
  ...{ maxRssKib: 1, lastLines: ['bye'] },
};

export const ONE_OF_EACH: Readonly<Record<FactKind | Told['type'], readonly [text: string, event: Happening]>> = {
  state: [
    'running -> stopping (stop)',
    { type: 'state', console: 'vac', from: 'running', to: 'stopping', cause: 'stop', by: VERA },
  ],
  started: [
    'started, pid 7: exec: Permission denied',
    { type: 'started', console: 'vac', pid: 7, failure: 'exec: Permission denied' },
  ],
  notStarted: ['could not be started: no user plc', { type: 'notStarted', console: 'vac', reason: 'no user plc' }],
  ended: [
    'pid 7 ended by SIGKILL after 1.5 s',
    { type: 'ended', console: 'vac', death: A_DEATH, by: person('vera', { channel: 'procserv', pid: 12 }) },
  ],
  attached: ['vera via conserver from ws12 came', { type: 'attached', console: 'vac', session: 3, by: VERA }],
  detached: ['vera via conserver from ws12 left', { type: 'detached', console: 'vac', session: 3, by: VERA }],
  writer: ['nobody has the keyboard', { type: 'writer', console: 'vac', before: VERA }],
  'note break': [
    'break #1 sent: \\z',
    { type: 'note', what: 'break', console: 'vac', name: '1', sequence: '\\z', by: VERA },
  ],
  'note mode': [
    'restart policy switched to never',
    { type: 'note', what: 'mode', console: 'vac', mode: 'never', by: VERA },
  ],
  'note init': [
    'init command ended, pid 12: exit(0)',
    { type: 'note', what: 'init', console: 'vac', pid: 12, reason: 'exit(0)' },
  ],
  'config applied': [
    'configuration applied: add a, change b',
    {
      ...{ type: 'config', what: 'applied', by: person('vera', { pid: 12 }) },
      steps: [
        { action: 'add', console: 'a' },
        { action: 'change', console: 'b', keys: ['run'], effect: 'restart' },
      ],
    },
  ],
  'isis sent': [
    'sent to WC: PING',
    { type: 'isis', what: 'sent', console: 'isis.main', host: 'WC', message: 'PING', by: person('vera') },
  ],
  'login refused': [
    'login by password refused: user or password is wrong',
    {
      ...{ type: 'login', what: 'refused', method: 'password', reason: 'user or password is wrong' },
      by: person('vera', { channel: 'network', from: '10.0.0.3', port: 51_234, assurance: 'claimed' }),
    },
  ],
  'token made': [
    'token 3f2a9c01 of robot made, valid until 2026-04-01T03:00:00.000Z',
    {
      ...{ type: 'token', what: 'made', token: '3f2a9c01', user: 'robot', until: '2026-04-01T03:00:00.000Z' },
      by: person('vera'),
    },
  ],
  'token revoked': [
    'token 3f2a9c01 of robot revoked',
    { type: 'token', what: 'revoked', token: '3f2a9c01', user: 'robot', by: person('vera') },
  ],
  'server up': [
    'holdfast 1.2.3 is up, pid 9, 2 consoles',
    { type: 'server', what: 'up', version: '1.2.3', pid: 9, consoles: 2 },
  ],
  'server down': [
    'going down with holder and children',
    { type: 'server', what: 'down', all: true, by: person('vera') },
  ],
  'holder lost': ['the holder is gone: waiting for the next one', { type: 'holder', what: 'lost' }],
  'holder found': [
    'there is a holder again: 2 processes live on, 1 ended with the last one',
    { type: 'holder', what: 'found', living: 2, ended: 1 },
  ],
  'holder silent': [
    'the holder, process 5, does not answer: it is stopped',
    { type: 'holder', what: 'silent', silence: { pid: 5, since: '2026-03-01T03:00:00.000Z', state: 'stopped' } },
  ],
  'holder answers': ['the holder answers again, after 4 s', { type: 'holder', what: 'answers', afterSeconds: 4 }],
  note: ['changed the pump', { type: 'note', console: 'vac', text: 'changed the pump', by: VERA }],
  log: ['/x.log is written again', { type: 'log', console: 'vac', text: '/x.log is written again' }],
  config: ['endpoint 4001 is open now', { type: 'config', console: 'vac', text: 'endpoint 4001 is open now' }],
  isis: ['line 2 is silent', { type: 'isis', console: 'isis.main', text: 'line 2 is silent' }],
  conserver: ['cannot listen', { type: 'conserver', text: 'cannot listen' }],
  token: ['tokens.json cannot be read', { type: 'token', text: 'tokens.json cannot be read' }],
  network: ['the gateway listens nowhere', { type: 'network', text: 'the gateway listens nowhere' }],
  server: ['out of descriptors', { type: 'server', text: 'out of descriptors' }],
  holder: ['has used up its memory', { type: 'holder', text: 'has used up its memory' }],
};
