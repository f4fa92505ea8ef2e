/** `^Ec!`: tasks (spec/conserver.md 6). */

import type { TaskRecord } from '../../../grammar/conserver/records.ts';
import { said } from '../model/remark.ts';
import { askKey, confirm } from './prompts.ts';
import type { ConsoleSession, KeyResult } from './session.ts';
import { commandOf } from './task-runner.ts';

/** Asks which; `?` lists them, `.` ends the running one. */
export function runTask(session: ConsoleSession): KeyResult {
  session.say('task ');
  askKey(session, (byte) => {
    const id = String.fromCharCode(byte);
    const { tasks } = session.console;
    if (id === '?') {
      session.say(list(session));
    } else if (!session.writing) {
      // Somebody else took the keyboard in the meantime.
      session.say('aborted]\r\n');
    } else if (id === '.' && tasks.pid !== undefined) {
      tasks.stop();
      session.say('terminate]\r\n');
    } else if (tasks.pid !== undefined) {
      session.say('aborted - task running]\r\n');
    } else if (!/[0-9a-z]/.test(id)) {
      session.say('aborted]\r\n');
    } else {
      choose(session, id);
    }
    return undefined;
  });
  return undefined;
}

function choose(session: ConsoleSession, id: string): void {
  const task = find(session, id);
  if (task === undefined) {
    session.say('undefined]\r\n');
    return;
  }
  const start = (): undefined => {
    if (!session.writing) {
      session.say('aborted]\r\n');
    } else if (session.console.tasks.pid !== undefined) {
      session.say('aborted - task running]\r\n');
    } else if (session.console.startTask(task, session.seat)) {
      const what = task.description ?? commandOf(task, session.console.record);
      session.console.tellAll(said(`task \`${what}' started by ${session.userAtHost}`), session.seat);
      session.say(`\`${id}' started]\r\n`);
    } else {
      session.say('failure]\r\n');
    }
  };
  if (task.confirm) {
    confirm(session, start);
  } else {
    start();
  }
}

function find({ console: { record }, services }: ConsoleSession, id: string): TaskRecord | undefined {
  const task = record.tasklist === '*' || record.tasklist.includes(id) ? services.tasks().get(id) : undefined;
  return task?.cmd === '' ? undefined : task;
}

function list(session: ConsoleSession): string {
  const { pid } = session.console.tasks;
  if (pid !== undefined) {
    return `running - pid ${pid} - use \`^Ec!.' to terminate]\r\n`;
  }
  const rows = [...session.services.tasks().keys()].sort().flatMap((id) => {
    const task = find(session, id);
    return task === undefined ? [] : [` ${id} - \`${task.description ?? task.cmd}'\r\n`];
  });
  return `list]\r\n${rows.join('') || ' <undefined>\r\n'}`;
}
