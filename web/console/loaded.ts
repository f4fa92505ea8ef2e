/** Modules loaded with the first terminal. */
export { SideView } from '../side/side-view.tsx';
export { ConsolePlace } from './console-place.tsx';
