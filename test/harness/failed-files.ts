// A reporter for scripts/test.mjs: writes the path of every file in which a test failed, one a line, each once.
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import type { TestEvent } from 'node:test/reporters';

/** The output of a file has long arrived by then. */
const LAST_WORDS_MS = 2000;

// Reporters live in the process that runs the files. It would wait for every process that has inherited the output of a
// killed file; other files end their leftovers (left-open.ts).
subscribe('child_process', (message) => {
  const { process: file } = message as { process: ChildProcess };
  file.once('exit', () => {
    setTimeout(() => [file.stdout, file.stderr].map((stream) => stream?.destroy()), LAST_WORDS_MS).unref();
  });
});

export default async function* failedFiles(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const told = new Set<string>();
  for await (const event of source) {
    if (event.type !== 'test:fail') {
      continue;
    }
    // A step has the file that its function stands in, which may be no file of tests.
    const { file, nesting } = event.data;
    if (nesting === 0 && file !== undefined && !told.has(file)) {
      told.add(file);
      yield `${file}\n`;
    }
  }
}
