/** V8's compilers that a server does not need. */
import { setFlagsFromString } from 'node:v8';

/**
 * Turns TurboFan off, which competes with a keystroke for the processor (docs/decisions/0029). On the command line --no-opt
 * would make Node compile its own modules at every start instead of taking the code that it brings: 10 ms.
 */
export function withoutTurboFan(): void {
  setFlagsFromString('--no-opt');
}

/**
 * Turns Maglev off, whose thread and the end of a process may wait for each other forever (`exitNow` in native.ts). For what works hard and then
 * ends as Node does.
 */
export function withoutMaglev(): void {
  setFlagsFromString('--no-maglev');
}
