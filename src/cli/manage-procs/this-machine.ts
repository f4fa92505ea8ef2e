/** The machine that this process runs on. */
import { spawnSync } from 'node:child_process';
import { readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isatty } from 'node:tty';
import { bytesOf } from '../../model/byte-text.ts';
import { native } from '../../platform/native.ts';
import { printNow } from '../../platform/process/closed-readers.ts';
import { restoreLimits } from '../../platform/process/inherited-limits.ts';
import type { Outside } from './outside.ts';

/**
 * `here`: the file of the running program in `build/`, by the path that was typed: a link to the current version stays
 * a link in units.
 */
export function thisMachine(here: string): Outside {
  const { env } = process;
  return {
    env,
    uid: process.geteuid?.() ?? 0,
    cwd: process.cwd(),
    etc: '/etc',
    programs: join(dirname(dirname(here)), 'bin'),
    // Written synchronously: the program that this one becomes writes to the same place.
    out: (text) => writeAll(1, text),
    err: (text) => writeAll(2, text),
    run(program, words) {
      const { status, error } = spawnSync(program, words, { stdio: 'inherit' });
      if (error) {
        writeAll(2, `manage-procs: ${program}: ${error.message}\n`);
      }
      return status ?? (error ? 127 : 1);
    },
    become(file, words, variables = env) {
      // Only new variables: Node's text of the others may differ from their bytes.
      for (const name of Object.keys(variables).filter((name) => env[name] !== variables[name])) {
        env[name] = variables[name];
      }
      restoreLimits();
      return native.becomeProgram(file, words, null);
    },
    ...(isatty(0) && { ask }),
  };
}

function writeAll(fd: 1 | 2, text: string): void {
  printNow(fd, bytesOf(text));
}

function ask(question: string): string {
  writeAll(1, `${question} `);
  const byte = Buffer.alloc(1);
  const line: number[] = [];
  while (readSync(0, byte) === 1 && byte[0] !== 0x0a) {
    line.push(byte[0] as number);
  }
  return Buffer.from(line).toString();
}
