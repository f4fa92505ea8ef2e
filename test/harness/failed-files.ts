// A reporter for scripts/test.mjs: writes the path of every file in which a test failed, one a line, each once.
import type { TestEvent } from 'node:test/reporters';

export default async function* failedFiles(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const told = new Set<string>();
  for await (const event of source) {
    if (event.type === 'test:fail' && event.data.file !== undefined && !told.has(event.data.file)) {
      told.add(event.data.file);
      yield `${event.data.file}\n`;
    }
  }
}
