/** What the choice of colours says. */
export const THEME_TEXTS = {
  theme: 'Colours',
  themes: { system: 'System', light: 'Light', dark: 'Dark', contrast: 'High contrast' },
} as const;
