/** Reads what a configuration names. A file server that does not answer holds up the rest for this long only. */
import { Aside } from './aside.ts';

const PATIENCE_MS = 5000;

export const configAside = new Aside({ patience: PATIENCE_MS });
