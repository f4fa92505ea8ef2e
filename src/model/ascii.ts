/** Bytes of ASCII by their names. */
export const NUL = 0x00;
export const LF = 0x0a;
export const CR = 0x0d;
export const ESC = 0x1b;
