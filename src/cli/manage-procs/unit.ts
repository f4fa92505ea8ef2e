/** The systemd unit of an instance (spec/procserv.md 11). */
import { join } from 'node:path';
import type { ProcServInstance } from '../../grammar/text/procserv-conf.ts';
import { literal, oneLine, SYSTEM, USER, unit, word } from '../../systemd/unit-text.ts';
import type { Scope } from './scope.ts';

/** Characters that systemd allows in the name of a unit; `@` would make it an instance of a template. */
const UNIT_NAME = /^[A-Za-z0-9:_.\\-]+$/;

export function isUnitName(name: string): boolean {
  return UNIT_NAME.test(name) && name.length < 200;
}

export function unitName(name: string): string {
  return `procserv-${name}.service`;
}

/** `environment` and `env_file` are copied unchanged: they are in systemd's syntax. */
export function unitText(instance: ProcServInstance, { flag }: Scope, programs: string): string {
  const { name, chdir, user, group, host, environment, envFile } = instance;
  const { wantedBy } = flag === '--system' ? SYSTEM : USER;
  return unit`[Unit]
Description=procServ for ${name}
After=network.target remote-fs.target
ConditionPathIsDirectory=${literal(chdir)}
${host !== undefined && `ConditionHost=${oneLine(host)}`}

[Service]
Type=simple
${envFile !== undefined && `EnvironmentFile=${oneLine(envFile)}`}
${environment !== undefined && `Environment=${oneLine(environment)}`}
ExecStart=${word(join(programs, 'procServ-launcher'))} ${flag} ${name}
RuntimeDirectory=procserv-${name}
StandardOutput=journal
StandardError=inherit
SyslogIdentifier=procserv-${name}
${flag === '--system' && `User=${literal(user)}\nGroup=${literal(group)}`}

[Install]
WantedBy=${wantedBy}
`;
}
