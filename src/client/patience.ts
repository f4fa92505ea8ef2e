/** Milliseconds after which a server that has not answered is given up. */
export const PATIENCE = 10_000;
/** Milliseconds of silence after which a server is asked whether it answers at all. */
export const QUIET = 4000;
