/** `holdfast top`, loaded by the command alone. */
import type { ReadStream } from 'node:tty';
import type { Context } from '../cli/holdfast/command/command.ts';
import { whyLines } from '../cli/holdfast/commands/why.ts';
import { eventLine } from '../cli/holdfast/text/event-text.ts';
import { isUnicode } from '../cli/holdfast/text/locale.ts';
import { TopApp } from '../cli/holdfast/top/top-app.ts';

export function top(context: Context): Promise<number> {
  const { io } = context;
  const { stdin } = process;
  const plain = { color: false, columns: Number.POSITIVE_INFINITY, now: () => io.now() };
  const app = new TopApp(context, stdin as ReadStream, isUnicode(io.env), {
    why: (detail, events) => whyLines(detail, events, plain),
    event: (event) => eventLine(event, plain, false),
  });
  return app.run();
}
