/** What the header says that comes after the list. */
export const HEADER_TEXTS = {
  filesDiffer: 'Configuration changed',
  theme: 'Colours',
  themes: { system: 'System', light: 'Light', dark: 'Dark', contrast: 'High contrast' },
} as const;
