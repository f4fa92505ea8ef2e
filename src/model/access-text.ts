/** Rules as people write them. Pure. */
import type { AccessRule, Hours, Who } from './access-config.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTES_PER_HOUR = 60;
const MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR;

/** Names of users that read as something else in a sentence. */
const MISLEADING = new Set(['nobody', 'everybody', 'everyone', 'anybody', 'anyone', 'somebody', 'someone']);

/** `vera`, `user nobody`. */
export function plainName(user: string): string {
  return MISLEADING.has(user) ? `user ${user}` : user;
}

/** `holdfast.toml:12`. */
export function placeText({ place: { file, line } }: Pick<AccessRule, 'place'>): string {
  return `${file}:${line}`;
}

/** `vera`, `@vac-operators`, `channel:procserv`, `from:10.1.0.0/24`, `everyone`. */
export function whoText(who: Who): string {
  switch (who.kind) {
    case 'everyone':
      return 'everyone';
    case 'user':
      return who.name;
    case 'group':
      return `@${who.name}`;
    case 'channel':
      return `channel:${who.name}`;
    case 'from':
      return `from:${who.network}`;
  }
}

/** `mon-fri 07:00-19:00`; empty: always. */
export function hoursText({ days, from, to }: Hours): string {
  const isAllDay = from === 0 && to === MINUTES_PER_DAY;
  const parts = [
    ...(days.length === DAYS.length ? [] : [daysText(days)]),
    ...(isAllDay ? [] : [`${timeText(from)}-${timeText(to)}`]),
  ];
  return parts.join(' ');
}

/** Consecutive ones in one piece, in the order in which they were written. */
function daysText(days: readonly number[]): string {
  const pieces: [first: number, last: number][] = [];
  for (const day of days) {
    const piece = pieces.at(-1);
    if (piece && (piece[1] + 1) % DAYS.length === day) {
      piece[1] = day;
    } else {
      pieces.push([day, day]);
    }
  }
  return pieces.map(([first, last]) => (first === last ? DAYS[first] : `${DAYS[first]}-${DAYS[last]}`)).join(',');
}

function timeText(minutes: number): string {
  const [hour, minute] = [Math.floor(minutes / MINUTES_PER_HOUR), minutes % MINUTES_PER_HOUR];
  return [hour, minute].map((number) => String(number).padStart(2, '0')).join(':');
}
