/** Whether a HOST of another tool's configuration means this machine. */

/** Names with or without domain are the same machine; `*` and `?` as ConditionHost= of systemd has them. */
export function meansThisHost(host: string, hostname: string): boolean {
  if (['localhost', '127.0.0.1'].includes(host)) {
    return true;
  }
  const pattern = new RegExp(`^${[...host].map(globCharacter).join('')}$`, 'i');
  const short = (name: string) => name.split('.')[0] as string;
  const bare = !host.includes('.') || !hostname.includes('.');
  return pattern.test(hostname) || (bare && (pattern.test(short(hostname)) || same(short(host), short(hostname))));
}

function globCharacter(character: string): string {
  return character === '*' ? '.*' : character === '?' ? '.' : character.replace(/[^\w]/g, '\\$&');
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
