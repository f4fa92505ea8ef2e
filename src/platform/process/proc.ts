/** Facts about processes, from proc(5). */
import { readFileSync, readlinkSync } from 'node:fs';

/**
 * When a process started, in clock ticks since boot: with the pid it identifies one process for good (proc(5), field
 * 22).
 */
export function startTimeOf(pid: number): string | undefined {
  return statOf(pid)[19];
}

/** `R`, `S`, `T` for one that was stopped, `Z` for one that has ended...; undefined where there is none (proc(5), field 3). */
export function stateOf(pid: number): string | undefined {
  return statOf(pid)[0];
}

/** The process that gets to know of its end (proc(5), field 4); undefined where there is none. */
export function parentOf(pid: number): number | undefined {
  const parent = statOf(pid)[1];
  return parent === undefined ? undefined : Number(parent);
}

/** The fields from the third on: the second is a name, with any bytes in it. */
function statOf(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** Why a process does nothing, if the kernel knows: `stopped` (by a signal or a debugger), `stuck in the kernel`. */
export function standstillOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const letter = stat.charAt(stat.lastIndexOf(')') + 2);
    return { T: 'stopped', t: 'stopped', D: 'stuck in the kernel, as on a disk that hangs' }[letter];
  } catch {
    return undefined;
  }
}

/** The terminal whose master side this descriptor of ours is; empty if it is none. */
export function terminalBehind(fd: number): string {
  try {
    const index = /^tty-index:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
    return index === undefined ? '' : `/dev/pts/${index}`;
  } catch {
    return '';
  }
}

/** The terminal that a process reads from; empty if there is none, or it may not be inspected. */
export function terminalOf(pid: number): string {
  try {
    const path = readlinkSync(`/proc/${pid}/fd/0`);
    return path.startsWith('/dev/') ? path : '';
  } catch {
    return '';
  }
}
