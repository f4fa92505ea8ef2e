/** Builds the text of a unit file: systemd.unit(5), systemd.syntax(7). */

export interface Manager {
  /** Ordering: after the network and remote file systems. */
  readonly after: string;
  /** The target that an enabled unit is wanted by. */
  readonly wantedBy: string;
}

/** The manager of the machine. */
export const SYSTEM: Manager = { after: 'network.target remote-fs.target', wantedBy: 'multi-user.target' };
/** The manager of a user has no `multi-user.target`: units that should start at login would not be started. */
export const USER: Manager = { after: 'basic.target', wantedBy: 'default.target' };

/** Text of a unit; lines that are `false` or `undefined` are left out. */
export function unit(strings: TemplateStringsArray, ...values: readonly (string | false | undefined)[]): string {
  const lines = strings.reduce((text, part, i) => {
    const value = values[i - 1];
    return `${text}${value === false || value === undefined ? LEFT_OUT : value}${part}`;
  });
  return lines.replaceAll(`${LEFT_OUT}\n`, '');
}

const LEFT_OUT = '\0';

/** A line feed in a value would start another setting. */
export function oneLine(value: string): string {
  return value.replaceAll('\n', ' ');
}

/** A value in which `%` means itself. */
export function literal(value: string): string {
  return oneLine(value).replaceAll('%', '%%');
}

/** One word of a command line that means itself. */
export function word(text: string): string {
  const plain = literal(text).replaceAll('$', '$$$$');
  return /[\s"'\\;]/.test(plain) ? `"${plain.replace(/["\\]/g, '\\$&')}"` : plain;
}
