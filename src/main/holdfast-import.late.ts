/** The hooks for what reads configurations, ours and those of other tools: their readers are loaded only when needed. */
import { runExport } from '../cli/export/run-export.ts';
import type { ConfigTools, Hooks } from '../cli/holdfast/command/command.ts';
import { configTools } from '../cli/import/config-tools.ts';
import { runImport } from '../cli/import/run-import.ts';

export const importWords: Hooks['import'] = (words, io) => runImport(words, io);

export const exportWords: Hooks['export'] = (...how) => runExport(...how);

export const files: ConfigTools = configTools({ env: process.env, uid: process.geteuid?.() ?? 0 });
