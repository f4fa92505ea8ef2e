/** Texts above each view of a console. */
export const BAR_TEXTS = {
  allConsoles: 'All consoles',
  log: 'Log',
  side: 'Open side by side',
  viewsOfConsole: 'Views of this console',
  consoleViews: { console: 'Console', why: 'Why' },
  noConsole: (name: string) => `There is no console ${name}, or you may not see it.`,
} as const;
