import type { DeathInfo } from './api.ts';

/** How a process or link ended, without what is only said of it in short. */
export type Death = Omit<DeathInfo, 'asked'>;
