/** Texts of the field that adds consoles. */
export const CHOOSE_TEXTS = {
  add: 'Add a console',
  hint: 'name or @group',
  remove: (name: string) => `Remove ${name}`,
  unknown: (word: string) => `There is no ${word.startsWith('@') ? `group ${word.slice(1)}` : `console ${word}`}`,
} as const;
