/** Set by scripts/bundle.mjs from package.json. */
declare const HOLDFAST_VERSION: string;

export const VERSION = HOLDFAST_VERSION;

/** Printed by `procServ --version` and in its banner: the version whose behaviour this is, and ours. */
export const PROCSERV_VERSION = `procServ Process Server 2.9.0+holdfast.${VERSION}`;
