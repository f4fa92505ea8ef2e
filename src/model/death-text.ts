/** How a process ended, in words. Foreign text in it is not escaped: callers that display it must do that. Pure. */
import type { DeathInfo } from './api.ts';
import type { Death } from './death.ts';
import { doerText } from './principal.ts';
import { NO_PID } from './process.ts';
import { duration } from './time-text.ts';

/** `killed by SIGSEGV, core dumped`, `exit code 3`, with what else is known. */
export function deathText(death: DeathInfo): string {
  const how = death.pid === NO_PID ? 'the connection ended' : processEnd(death);
  const extras = [
    ...(death.coreDumped ? ['core dumped'] : []),
    ...(death.outOfMemory ? ['out of memory'] : []),
    ...(death.asked === undefined ? [] : [`asked for by ${askedText(death)}`]),
  ];
  return [how, ...extras].join(', ');
}

function askedText({ asked = '', askedBy, askedSignal }: DeathInfo): string {
  const signal = askedSignal === undefined ? '' : ` (${askedSignal})`;
  return askedBy ? `${doerText(askedBy)}${signal}` : asked;
}

function processEnd({ signal, code }: Death): string {
  if (signal !== null) {
    return `killed by ${signal}`;
  }
  if (code === null) {
    return 'ended, exit status unknown (its holder had died)';
  }
  return code === 0 ? 'ended with exit code 0' : `exit code ${code}${codeHint(code)}`;
}

/** Meanings of some exit codes of the shell and of our starter. */
function codeHint(code: number): string {
  if (code === 126) {
    return ' (not executable?)';
  }
  if (code === 127) {
    return ' (program not found?)';
  }
  return code > 128 && code < 160 ? ` (a shell says so after signal ${code - 128})` : '';
}

/** How long it ran and how much memory it used. */
export function lifeText(death: Death): string {
  const memory = death.maxRssKib > 0 ? `, at most ${Math.round(death.maxRssKib / 1024)} MiB` : '';
  const pid = death.pid === NO_PID ? '' : `pid ${death.pid}, `;
  return `${pid}up ${duration(death.uptimeSeconds * 1000)}${memory}`;
}
