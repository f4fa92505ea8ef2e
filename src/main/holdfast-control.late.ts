/** The control API, for a host server and for a conserver that was told to have one. */
export { createControl } from '../listeners/control/control.ts';
