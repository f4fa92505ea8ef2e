/** Where the control socket is. */
import { join } from 'node:path';

/** `--socket`, else `HOLDFAST_SOCKET`, else that of the system's server (root) or of the user's own. */
export function controlSocket(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
  uid: number = process.getuid?.() ?? 0,
): string {
  const named = option || env['HOLDFAST_SOCKET'];
  if (named) {
    return named;
  }
  if (uid === 0) {
    return '/run/holdfast/control';
  }
  const runtime = env['XDG_RUNTIME_DIR'];
  return runtime ? join(runtime, 'holdfast/control') : `/tmp/holdfast-${uid}/control`;
}
