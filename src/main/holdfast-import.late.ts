/** The hooks for what reads configurations, ours and those of other tools: their readers are loaded only when needed. */
import { runExport } from '../cli/export/run-export.ts';
import type { ConfigTools, Hooks } from '../cli/holdfast/command/command.ts';
import { configTools } from '../cli/import/config-tools.ts';
import { type ImportIo, runImport } from '../cli/import/run-import.ts';

const IO: ImportIo = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  env: process.env,
};

/** Exit code. */
export function importWords(words: readonly string[]): Promise<number> {
  return runImport(words, IO);
}

/** Exit code. */
export function exportWords(...[words, running]: Parameters<Hooks['export']>): Promise<number> {
  return runExport(words, { ...IO, running });
}

export const files: ConfigTools = configTools({ env: process.env, uid: process.geteuid?.() ?? 0 });
