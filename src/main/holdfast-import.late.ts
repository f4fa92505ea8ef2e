/**
 * The hooks for `holdfast import` and `holdfast export`: the readers of other tools' files are loaded only when needed.
 */
import { runExport } from '../cli/export/run-export.ts';
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
export function exportWords(words: readonly string[]): Promise<number> {
  return runExport(words, IO);
}
