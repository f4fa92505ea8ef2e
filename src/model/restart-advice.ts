/** How to restart a server, or its holder. */
import type { VersionInfo } from './api.ts';

/** `service`: the unit of systemd that the server is; absent: it is none. */
export function restartAdvice(what: 'server' | 'holder', service: VersionInfo['service']): string {
  const systemctl = service?.user ? 'systemctl --user' : 'systemctl';
  const unit = service?.unit.replace(/\.service$/, '');
  if (what === 'server') {
    const how = service ? `'${systemctl} restart ${unit}'` : "'holdfast down', 'holdfast up'";
    return `${how}: no process is touched`;
  }
  return `'holdfast down --all', '${service ? `${systemctl} start ${unit}` : 'holdfast up'}': all processes stop`;
}
