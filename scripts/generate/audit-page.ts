/** docs/reference/audit.md: what is in `audit.jsonl`, made of the tables that decide it. */
import { AUDIT_ACT_MEANING, OUTCOME_MEANING } from '../../src/model/audit.ts';
import { VERBS, type VerbRow } from '../../src/model/rights.ts';

const HEAD = `# The audit

A record of every change, in \`audit.jsonl\` in the state directory (\`state_dir\`): one JSON object a line, in UTF-8, oldest first. It is kept if
the configuration has [\`[audit]\`](config.md#audit) or [\`[access]\`](config.md#access). Lines are only ever appended. A file that has reached
an eighth of \`keep\` becomes \`audit.jsonl.1\`, the one before \`audit.jsonl.2\`, and so on to \`.7\`, after which the oldest is deleted. The files
belong to the user of the server, mode 0600.

## A line

| field     | meaning                                                                                                                    |
| --------- | -------------------------------------------------------------------------------------------------------------------------- |
| \`seq\`     | Its number, counted from 1 over all files and servers, without gaps.                                                       |
| \`time\`    | When it happened: ISO 8601 with milliseconds, UTC.                                                                         |
| \`act\`     | The act, from the tables below.                                                                                            |
| \`outcome\` | Its outcome, from the table below.                                                                                         |
| \`by\`      | The actor: the principal as in [the API](openapi.json) and the history, with \`channel\`, \`from\`, \`assurance\`, \`pid\`, \`uid\`. |
| \`console\` | The console; \`isis.NAME\` is an ISIS server. Absent: the server as a whole.                                                 |
| \`reason\`  | The reason, as the actor gave it.                                                                                          |
| \`right\`   | The right that was missing.                                                                                                |
| \`error\`   | Why it was refused or failed: \`code\` (of [these](errors.md)), \`message\`.                                                   |
| \`details\` | Further details: the signal, the steps of a configuration, ...                                                             |
| \`torn\`    | Number of bytes before this line that do not form a line: a server was killed, or the disk was full, while it was written. |
| \`missed\`  | Number of lines before this one that could not be written.                                                                 |
| \`prev\`    | The hash of the line before.                                                                                               |

Fields that do not apply are absent. Later versions may add fields, and acts.

## The chain

\`prev\` is the SHA-256 of the line before, as it stands in the file, without its line end, in hexadecimal. In the first line of a file it is
that of the last line of the file before, and in the very first line 64 zeros. To change, remove or insert a line, all lines after it would
have to be changed too. If \`torn\` is present, \`prev\` is the SHA-256 of a concatenation: the hash of the last complete line, in hexadecimal, and
the bytes that do not form a line. Each file begins with a line whose act is \`file\`: its \`details.oldest\` is the number of the oldest line that
is kept, so that the loss of whole files is noticed.

A chain cannot reveal that its last lines were removed, or that the whole file was rewritten by somebody with write access. Against that, the
server remembers the end of the chain while it runs (\`holdfast audit --verify\` compares), and the copy in the journal has the hashes in
\`HOLDFAST_AUDIT_HASH\`: journald can seal it, or send it to another machine.
`;

function table(heads: readonly [string, string], rows: readonly (readonly [string, string])[]): string {
  const body = rows.map(([name, what]) => `| \`${name}\` | ${what} |\n`).join('');
  return `| ${heads[0]} | ${heads[1]} |\n| - | - |\n${body}`;
}

export function auditPage(): string {
  const verbs = (Object.entries(VERBS) as [string, VerbRow][]).filter(([, { changes }]) => changes);
  return [
    HEAD,
    '\n## Outcomes\n\n',
    table(['outcome', 'meaning'], Object.entries(OUTCOME_MEANING)),
    '\n## Acts\n\nEvery verb that changes something, with the right that it requires:\n\n',
    table(
      ['act', 'right'],
      verbs.map(([verb, { right }]) => [verb, `\`${right}\``]),
    ),
    '\nFurther acts:\n\n',
    table(['act', 'meaning'], Object.entries(AUDIT_ACT_MEANING)),
    `
An act that requires \`admin\` or \`configure\` has two lines: \`begun\` is on disk (fdatasync(2)) before the act is carried out. Other lines are
written within a second. At most 20 refusals a minute are recorded from one source, and 200 in total; the rest are counted.
`,
  ].join('');
}
