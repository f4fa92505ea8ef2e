/** Texts of the part of the header that loads after the list. */
export const HEADER_TEXTS = {
  filesDiffer: 'Configuration changed',
  theme: 'Colours',
  themes: { system: 'System', light: 'Light', dark: 'Dark', contrast: 'High contrast' },
} as const;
