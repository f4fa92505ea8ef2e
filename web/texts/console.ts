/** Texts of a console. */
import { sentence } from './page.ts';

/** `1.2 MB`. */
function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  const at = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** at).toFixed(at === 0 ? 0 : 1)} ${units[at]}`;
}

export const CONSOLE_TEXTS = {
  terminal: (name: string) => `Terminal of ${name}`,
  connecting: 'Connecting',
  history: 'Loading the history',
  waiting: (reason: string) => `${sentence(reason)} Reconnecting by itself.`,
  ended: (reason: string) => `Session ended: ${reason}`,
  again: 'Reconnect',
  nobodyWrites: 'Nobody has the keyboard',
  youWrite: 'You have the keyboard',
  writes: (who: string, from: string) => `${who} has the keyboard, from ${from}`,
  others: (sessions: number) => (sessions > 1 ? `${sessions} sessions` : ''),
  take: 'Take the keyboard',
  giveBack: 'Give it back',
  force: 'Take it by force',
  forceQuestion: (who: string) => `Take the keyboard from ${who}?`,
  forceWhat: (who: string) => `${who} is told, and can no longer type.`,
  reason: 'Reason',
  reasonNeeded: 'Required by the access rule.',
  cancel: 'Cancel',
  lostKeyboard: (who: string) => `${who} has taken the keyboard from you.`,
  readOnly: 'Read-only: take the keyboard to type.',
  leaveTerminal: 'Ctrl+] leaves the terminal.',
  missed: (bytes: number) => `${size(bytes)} of output skipped here; the log has it`,
  newHolder: 'a new holder runs this terminal; its output begins here',
  find: 'Find',
  findHint: 'Search the scrollback',
  next: 'Next',
  previous: 'Previous',
  notFound: 'Not found',
  copy: 'Copy',
  copied: 'Copied',
  notCopied: 'The browser does not allow this page to copy',
  /** An accessible name begins with the visible label. */
  smaller: 'A-: smaller text',
  larger: 'A+: larger text',
  keys: 'Keys',
  key: { escape: 'Esc', tab: 'Tab', up: 'Up', down: 'Down', left: 'Left', right: 'Right' },
} as const;
