/** docs/reference/audit.md: what is in `audit.jsonl`, made of the tables that decide it. */
import { AUDIT_ACT_MEANING, OUTCOME_MEANING } from '../../src/model/audit.ts';
import { VERBS, type VerbRow } from '../../src/model/rights.ts';

const HEAD = `# The audit

Who did what, in \`audit.jsonl\` in the state directory (\`state_dir\`): one JSON object a line, in UTF-8, oldest first. It is kept where the
configuration has [\`[audit]\`](config.md#audit) or [\`[access]\`](config.md#access). Lines are only ever appended. A file that has an eighth
of \`keep\` becomes \`audit.jsonl.1\`, the one before \`audit.jsonl.2\`, and so on to \`.7\`, after which the oldest is deleted. The files belong
to the user of the server, mode 0600.

## A line

| field     | what it is                                                                                                                       |
| --------- | -------------------------------------------------------------------------------------------------------------------------------- |
| \`seq\`     | Its number. It counts from 1, over all files and servers, without gaps.                                                          |
| \`time\`    | When it happened: ISO 8601 with milliseconds, UTC.                                                                               |
| \`act\`     | What was done, by the tables below.                                                                                              |
| \`outcome\` | What became of it, by the table below.                                                                                           |
| \`by\`      | Who did it: the principal as [the API](openapi.json) and the history have it, with \`channel\`, \`from\`, \`assurance\`, \`pid\`, \`uid\`. |
| \`console\` | To which console; \`isis.NAME\` is an ISIS server. Absent: to the server as a whole.                                               |
| \`reason\`  | Why, in the words of that person.                                                                                                |
| \`right\`   | The right that was missing.                                                                                                      |
| \`error\`   | Why it was refused or failed: \`code\` (of [these](errors.md)), \`message\`.                                                         |
| \`details\` | What else there is to say: the signal, the steps of a configuration...                                                           |
| \`torn\`    | So many bytes before this line are not a line: a server was killed, or the disk was full, within it.                             |
| \`missed\`  | So many lines before this one could not be written.                                                                              |
| \`prev\`    | The hash of the line before.                                                                                                     |

Fields that do not apply are absent. Later versions may add fields, and acts.

## The chain

\`prev\` is the SHA-256 of the line before, as it stands in the file, without its line end, in hexadecimal; in the first line of a file it is
that of the last line of the file before, and in the very first line 64 zeros. Whoever changes, removes or inserts a line has to change
all lines after it. Where \`torn\` is there, \`prev\` is the SHA-256 of two things one after the other: the hash of the last line that is one, in
hexadecimal, and the bytes that are not a line. Each file begins with a line whose act is \`file\`: its \`details.oldest\` is the number of the oldest
line that is kept, so that files that were removed are missed.

What no chain can show is that its last lines were removed, or all of it was written anew by somebody who may write to the file. Against
that there is what the server knows, as long as it runs (\`holdfast audit --verify\` compares), and the copy in the journal, whose entries have
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
    table(['outcome', 'it'], Object.entries(OUTCOME_MEANING)),
    '\n## Acts\n\nAll that changes something, with the right that it takes:\n\n',
    table(
      ['act', 'right'],
      verbs.map(([verb, { right }]) => [verb, `\`${right}\``]),
    ),
    '\nAnd besides:\n\n',
    table(['act', 'what it is'], Object.entries(AUDIT_ACT_MEANING)),
    `
What takes \`admin\` or \`configure\` has two lines: it is \`begun\` before it is done, and that line is on the disk (fdatasync(2)) by then. Other
lines follow within a second. Of refusals at most 20 a minute are recorded of one source, and 200 in all; the rest is counted.
`,
  ].join('');
}
