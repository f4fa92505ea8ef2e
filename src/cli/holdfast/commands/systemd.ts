import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { unitFiles } from '../../../systemd/units.ts';
import { text } from '../command/arguments.ts';
import type { Command } from '../command/command.ts';
import { EXIT, UsageError } from '../command/exit-codes.ts';

export const systemd: Command = {
  name: 'systemd',
  usage: 'units [--user] [--out DIR]',
  summary: 'print or write the unit files of this installation',
  help: `As root:  holdfast systemd units --out /etc/systemd/system
          systemctl daemon-reload
          systemctl enable --now holdfast
With --out the unit files are in DIR; copy sysusers.d, tmpfiles.d and polkit-1 from there to where they belong.`,
  options: [
    { name: 'user', help: 'for systemctl --user' },
    { name: 'out', short: 'o', value: 'DIR', help: 'write the files there; files of the same name are replaced' },
  ],
  completes: [['units'], 'nothing'],
  local: true,
  operands: [1, 1],
  async run({ io, values, words }) {
    if (words[0] !== 'units') {
      throw new UsageError(`systemd: '${words[0]}' is not known; there is 'units'`);
    }
    const out = text(values, 'out');
    // The bundle is in build/, the programs in bin/ beside it.
    const bin = resolve(dirname(process.argv[1] as string), '../bin');
    for (const file of unitFiles({ bin, user: values.user === true })) {
      if (out === undefined) {
        io.out(`# ${file.name}\n${file.text}\n`);
      } else {
        const path = join(out, file.name);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, file.text);
        io.out(`${path}\n`);
      }
    }
    return EXIT.ok;
  },
};
