/** Loaded by `holdfast` when a shell completes a line: the records of the other programs, and of what `holdfast` passes on to others. */
import { CONSERVER } from '../cli/conserver/usage.ts';
import { CONSOLE } from '../cli/console/usage.ts';
import { EXPORT } from '../cli/export/run-export.ts';
import type { OtherLines } from '../cli/holdfast/command/command.ts';
import { IMPORT } from '../cli/import/run-import.ts';
import { EXEC_ISIS } from '../cli/isis/exec-isis.ts';
import { ISIS } from '../cli/isis/isis.ts';
import { ISIS_CMD } from '../cli/isis/isis-cmd.ts';
import { MANAGE_PROCS } from '../cli/manage-procs/manage-procs.ts';
import { PROC_SERV } from '../cli/procserv/options.ts';

export const lines: OtherLines = {
  programs: [PROC_SERV, CONSERVER, CONSOLE, MANAGE_PROCS, ISIS, ISIS_CMD, EXEC_ISIS],
  commands: [IMPORT, EXPORT],
};
