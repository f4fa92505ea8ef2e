import type { ConfigProblem } from './config.ts';

/** `holdfast.toml:12:3: console.vac-01.run: what is wrong`. */
export function problemText({ file, line, column, key, message }: ConfigProblem): string {
  return `${file}:${line}${column === undefined ? '' : `:${column}`}: ${key === '' ? '' : `${key}: `}${message}`;
}
