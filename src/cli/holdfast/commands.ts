/** The table of all commands, in the order of the help. */
import { attach } from './attach.ts';
import type { Command } from './command.ts';
import { doctor } from './doctor.ts';
import { down } from './down.ts';
import { events } from './events.ts';
import { exportCommand } from './export.ts';
import { grep } from './grep.ts';
import { hold } from './hold.ts';
import { importCommand } from './import.ts';
import { isis } from './isis.ts';
import { logs } from './logs.ts';
import { completionCommand, helpCommand } from './meta.ts';
import { plan } from './plan.ts';
import { ps } from './ps.ts';
import { release } from './release.ts';
import { reload } from './reload.ts';
import { restart } from './restart.ts';
import { signal } from './signal.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import { systemd } from './systemd.ts';
import { up } from './up.ts';
import { version } from './version.ts';
import { watch } from './watch.ts';
import { why } from './why.ts';

export const COMMANDS: readonly Command[] = [
  ...[ps, status, why, attach, watch, logs, grep, events],
  ...[start, stop, restart, signal, hold, release],
  isis,
  ...[up, down, plan, reload, importCommand, exportCommand, doctor, systemd],
  ...[completionCommand(() => COMMANDS), version, helpCommand(() => COMMANDS)],
];
