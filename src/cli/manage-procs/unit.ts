/** The systemd unit of an instance (reference procserv.md 11). */
import { join } from 'node:path';
import type { ProcServInstance } from '../../grammar/procserv-conf.ts';
import type { Scope } from './scope.ts';

/** Characters that systemd allows in the name of a unit; `@` would make it an instance of a template. */
const UNIT_NAME = /^[A-Za-z0-9:_.\\-]+$/;

export function isUnitName(name: string): boolean {
  return UNIT_NAME.test(name) && name.length < 200;
}

export function unitName(name: string): string {
  return `procserv-${name}.service`;
}

/** `environment` and `env_file` go in as they are: they are in the language of systemd. */
export function unitText(instance: ProcServInstance, { flag }: Scope, programs: string): string {
  const { name, chdir, user, group, host, environment, envFile } = instance;
  const launcher = word(join(programs, 'procServ-launcher'));
  // A user's systemd has no multi-user.target: units that it should start at login hung in the air.
  const target = flag === '--system' ? 'multi-user.target' : 'default.target';
  const lines = [
    '[Unit]',
    `Description=procServ for ${name}`,
    'After=network.target remote-fs.target',
    `ConditionPathIsDirectory=${literal(chdir)}`,
    host !== undefined && `ConditionHost=${oneLine(host)}`,
    '',
    '[Service]',
    'Type=simple',
    envFile !== undefined && `EnvironmentFile=${oneLine(envFile)}`,
    environment !== undefined && `Environment=${oneLine(environment)}`,
    `ExecStart=${launcher} ${flag} ${name}`,
    `RuntimeDirectory=procserv-${name}`,
    'StandardOutput=syslog',
    'StandardError=inherit',
    `SyslogIdentifier=procserv-${name}`,
    flag === '--system' && `User=${literal(user)}`,
    flag === '--system' && `Group=${literal(group)}`,
    '',
    '[Install]',
    `WantedBy=${target}`,
  ];
  return `${lines.filter((line) => line !== false).join('\n')}\n`;
}

/** A line feed in a value would begin another setting. */
function oneLine(value: string): string {
  return value.replaceAll('\n', ' ');
}

function literal(value: string): string {
  return oneLine(value).replaceAll('%', '%%');
}

function word(path: string): string {
  const plain = literal(path).replaceAll('$', '$$$$');
  return /[\s"'\\;]/.test(plain) ? `"${plain.replace(/["\\]/g, '\\$&')}"` : plain;
}
