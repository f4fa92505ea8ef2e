/** A script of its own that the page waits for: what is chosen holds before anything is drawn. */
import { keepLook } from './theme.ts';

keepLook();
