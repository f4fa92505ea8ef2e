/** docs/reference/states.md: states, their transitions, and the entries of the history. */
import { EVENT_MEANING } from '../../src/model/events.ts';
import {
  PROCESS_EVENT_MEANING,
  PROCESS_EVENTS,
  PROCESS_STATES,
  type ProcessEvent,
  type ProcessState,
  STATE_MEANING,
} from '../../src/model/process.ts';
import { SUPERVISOR_STATES, shown, TRANSITIONS } from '../../src/supervisor/transitions.ts';

export function statesPage(): string {
  const transitions = PROCESS_EVENTS.map((event) => {
    const cells = PROCESS_STATES.map((state) => whatFollows(state, event));
    return `| \`${event}\` | ${cells.join(' | ')} |`;
  });
  return `# States and events

Every console has one of these states; \`holdfast ps\` shows it. A link (a console whose source is not a process) has them too:
connecting is starting, and the end of the connection is its end.

${meanings('state', STATE_MEANING)}
## What can happen

${meanings('event', PROCESS_EVENT_MEANING)}
## What follows

Rows are events, columns are states; an empty cell changes nothing. A request to a
console that is \`stopping\` takes effect when it is down: it comes up again after a \`start\`, a \`restart\` or a \`release\`
that has one follow, unless it is held. A test walks through the whole
table (\`test/unit/supervisor.test.ts\`).

| | ${PROCESS_STATES.join(' | ')} |
| --- |${PROCESS_STATES.map(() => ' --- |').join('')}
${transitions.join('\n')}

## The history

Every change is an entry with a number and a time: \`holdfast events\`, \`GET /v1/events\`, and the files \`events.jsonl\` and
\`sessions.jsonl\` of the state directory, which outlive the server. \`text\` is for people and may change; the other fields, which
depend on \`type\` and \`what\`, are for programs ([openapi.json](openapi.json)).

\`by\` is who did it, absent where nobody asked for it; whichever way in was used, a person has one name: \`user\`, \`channel\`
(\`api\`: the control socket; \`procserv\`: an endpoint; \`conserver\`; \`signal\`; \`self\`: the server), \`from\`, \`pid\` or
\`port\`, and \`assurance\`, how that is known: \`kernel\` (the peer of a unix socket), \`password\`, \`vouched\` (by a host that
\`[conserver]\` trusts), \`claimed\` (by the client), \`none\`.

${meanings('type', EVENT_MEANING)}`;
}

/** The transitions of a state that is one for users and several in the table: an event has one result. */
function whatFollows(state: ProcessState, event: ProcessEvent): string {
  const rows = SUPERVISOR_STATES.filter((each) => shown(each) === state);
  const steps = rows.flatMap((row) => TRANSITIONS[row][event] ?? []);
  return [...new Set(steps.map(({ to }) => shown(to)))].join(' or ');
}

function meanings(head: string, of: Readonly<Record<string, string>>): string {
  const rows = Object.entries(of).map(([word, meaning]) => `| \`${word}\` | ${meaning} |`);
  return `| ${head} | meaning |\n| --- | --- |\n${rows.join('\n')}\n`;
}
