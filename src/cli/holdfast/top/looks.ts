/** Shared by the views. Pure. */
/** How the views are drawn, apart from the state. */
export interface Looks {
  readonly color: boolean;
  /** Whether the terminal shows more than ASCII. */
  readonly unicode: boolean;
  /** At another host: its name. */
  readonly host: string | undefined;
}

export function goneText(since: number): string {
  return `-- the server is gone since ${timeOfDay(since, false)}; waiting for it: this is what it last said --`;
}

export function timeOfDay(time: number, seconds: boolean): string {
  const date = new Date(time);
  const parts = [date.getHours(), date.getMinutes(), ...(seconds ? [date.getSeconds()] : [])];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
