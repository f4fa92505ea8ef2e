/** The configuration that `holdfast init` writes: something to begin with, and what the machine has already. Pure. */

import { tomlComments } from '../../grammar/text/toml-text.ts';
import { someOf } from '../../model/counted.ts';
import { sayNote } from './document.ts';
import type { FoundImport, FoundOnHost } from './find-on-host.ts';

/** Names on a line; the rest is counted. */
const NAMED = 8;

const HEAD = [
  'The configuration of Holdfast. Files conf.d/*.toml beside this one belong to it.',
  '',
  '  holdfast check     finds mistakes, with their lines; needs no server',
  '  holdfast up        starts the server   (with its units: systemctl enable --now holdfast)',
  "  holdfast reload    applies changes to a server that runs; 'holdfast plan' shows them before",
  '',
  'All keys: docs/reference/config.md. A line that begins with # does nothing.',
];

const BODY = `
# What all IOCs have: a console that says template = "ioc" builds on this. What is imported does not, and stays as it was.
[template.ioc]
# Every line of a log begins with the time. A log is replaced when it has grown to this, and five old ones are kept.
log = { stamp = "%F %T.%3N ", size = "10M", keep = 5 }
# Ctrl-C and Ctrl-D, typed by habit, would end most IOCs: they are not passed on.
ignore = "^C^D"
# It is up when this line comes.
ready = { pattern = "iocRun: All initialization complete", within = "60s" }
# How it is stopped: as an operator would, and less politely if that does not help.
stop = [{ send = "exit\\n" }, { wait = "5s" }, { signal = "TERM" }, { wait = "10s" }, { signal = "KILL" }]

# One process:
#[console.vac-01]
#template = "ioc"
#run = ["./st.cmd"]
#chdir = "/opt/iocs/vac-01"
#user = "iocuser"

# Or one for each folder of /opt/iocs that has an st.cmd, now and later:
#[discover.iocs]
#dir = "/opt/iocs"
#match = "*"
#run = ["./st.cmd"]
#template = "ioc"

# The stream of another program or device: a procServ that exists already, a terminal server.
#[console.old-ioc]
#unix = "/run/procServ/old-ioc/control"

#[console.plc]
#telnet = "moxa-3.lab:4003"
`;

export function sampleText({ imports, units }: FoundOnHost): string {
  const found = [
    ...imports.flatMap(importLines),
    ...(units.length === 0
      ? []
      : ['', `Units that run IOCs, each to be carried over by hand: ${someOf(units, NAMED)}`]),
  ];
  const none = ['', 'No configuration of procServ, conserver or softioc was found on this machine.'];
  const about = ['', "Found on this machine by 'holdfast init', which has changed nothing there:", ...found];
  return tomlComments([...HEAD, ...(found.length === 0 ? none : about)]) + BODY;
}

function importLines({ kind, what, names, problems }: FoundImport): string[] {
  const [problem] = problems;
  const found = names.length === 0 ? '' : `: ${names.length} of them: ${someOf(names, NAMED)}`;
  return [
    '',
    `${what}${found}`,
    ...(problem === undefined
      ? [`  holdfast import ${kind} --write     makes consoles of these, in conf.d/${kind}.toml`]
      : [`  cannot be taken as it is: ${sayNote(problem)}`, `  'holdfast import ${kind}' lists all of it`]),
  ];
}
