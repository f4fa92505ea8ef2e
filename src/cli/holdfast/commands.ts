/** The table of all commands, in the order of the help. */

import type { Command } from './command/command.ts';
import { access } from './commands/access.ts';
import { attach } from './commands/attach.ts';
import { audit } from './commands/audit.ts';
import { certificate } from './commands/certificate.ts';
import { check } from './commands/check.ts';
import { doctor } from './commands/doctor.ts';
import { down } from './commands/down.ts';
import { events } from './commands/events.ts';
import { exportCommand } from './commands/export.ts';
import { grep } from './commands/grep.ts';
import { hold } from './commands/hold.ts';
import { importCommand } from './commands/import.ts';
import { init } from './commands/init.ts';
import { isis } from './commands/isis.ts';
import { login } from './commands/login.ts';
import { logout } from './commands/logout.ts';
import { logs } from './commands/logs.ts';
import { completionCommand, helpCommand } from './commands/meta.ts';
import { plan } from './commands/plan.ts';
import { ps } from './commands/ps.ts';
import { release } from './commands/release.ts';
import { reload } from './commands/reload.ts';
import { restart } from './commands/restart.ts';
import { send } from './commands/send.ts';
import { show } from './commands/show.ts';
import { signal } from './commands/signal.ts';
import { start } from './commands/start.ts';
import { status } from './commands/status.ts';
import { stop } from './commands/stop.ts';
import { systemd } from './commands/systemd.ts';
import { token } from './commands/token.ts';
import { top } from './commands/top.ts';
import { up } from './commands/up.ts';
import { version } from './commands/version.ts';
import { watch } from './commands/watch.ts';
import { why } from './commands/why.ts';

export const COMMANDS: readonly Command[] = [
  ...[ps, top, status, why, attach, watch, logs, grep, events, audit],
  ...[start, stop, restart, signal, hold, release, send],
  isis,
  ...[init, up, down, check, show, plan, reload, importCommand, exportCommand, access, doctor, systemd],
  ...[login, logout, token, certificate],
  ...[completionCommand(() => COMMANDS), version, helpCommand(() => COMMANDS)],
];
