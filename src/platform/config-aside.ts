/** Reads files that a configuration names. A file server that does not answer delays the rest for this long only. */
import { Aside } from './aside.ts';

const TIMEOUT_MS = 5000;

export const configAside = new Aside({ patience: TIMEOUT_MS });
