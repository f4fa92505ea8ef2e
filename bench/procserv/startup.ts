import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { interleave } from '../lib/interleave.ts';
import { ask } from '../lib/process.ts';
import type { Settings } from '../lib/suite.ts';
import { below, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { programOf } from './server.ts';

type Mode = 'foreground' | 'daemon';
/** Milliseconds from the exec; `returned`: the command itself, in daemon mode. */
type Sample = { connected: number; greeted: number; returned: number };

function measure(settings: Settings, side: 'ours' | 'theirs', mode: Mode): Promise<Sample> {
  return inFreshDirectory(settings.logDirectory, async (directory) => {
    const at = (name: string) => join(directory, name);
    const options = [mode === 'foreground' ? '-f' : '-q', '-n', 'bench', '-p', at('pid'), '-L', at('log')];
    const command = [programOf(side, settings), ...options, '-P', `unix:${at('control')}`, '/bin/cat'];
    try {
      return await ask<Sample>(settings.native('launch'), [`unix:${at('control')}`, mode, '15', ...command]);
    } finally {
      endDaemon(at('pid'), directory);
    }
  });
}

/**
 * A daemon that outlived its measurement (which ends it) is not our child: it is identified by its pid file and our
 * directory.
 */
function endDaemon(pidFile: string, directory: string): void {
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
  const words = `/proc/${pid}/cmdline`;
  if (pid > 0 && existsSync(words) && readFileSync(words, 'utf8').includes(directory)) {
    process.kill(pid, 'SIGKILL');
  }
}

/** Milliseconds from exec until the server accepts and greets, in the foreground and as a daemon. */
export async function startup(settings: Settings): Promise<Row[]> {
  const rounds = settings.quick ? 3 : 8;
  const rows: Row[] = [];
  for (const mode of ['foreground', 'daemon'] as const) {
    const samples = await interleave(rounds, ['theirs', 'ours'], (side) => measure(settings, side, mode));
    const row = (what: string, key: keyof Sample): Row => ({
      what: `${mode}: exec until ${what}`,
      unit: 'ms',
      ours: samples.ours.map((sample) => sample[key]),
      theirs: samples.theirs.map((sample) => sample[key]),
      goal: below(60, 'ms'),
    });
    rows.push(
      mode === 'daemon' ? row('the command returns', 'returned') : row('a connection is accepted', 'connected'),
    );
    rows.push(row('the first byte of the greeting', 'greeted'));
  }
  return rows;
}
