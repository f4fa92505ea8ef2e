/** Loads the control API, `holdfast-control.late.ts`. */
import type { ControlServiceParts } from '../listeners/control/service.ts';
import { beside } from './beside.ts';

export const loadControl: ControlServiceParts['load'] = async () => beside('holdfast-control.cjs', 'control API');
