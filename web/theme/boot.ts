/** A separate script that the page waits for, so that the chosen look is set before the first paint. */
import { keepLook } from './theme.ts';

keepLook();
