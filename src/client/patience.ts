/** A server that has not answered within this is given up. Milliseconds. */
export const PATIENCE = 10_000;
/** One that is silent for so long is asked whether it answers at all. Milliseconds. */
export const QUIET = 4000;
