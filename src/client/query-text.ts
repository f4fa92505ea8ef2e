type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** `?group=vac&follow=1`; what is undefined or false is left out. */
export function queryText(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== false);
  const text = new URLSearchParams(
    Object.fromEntries(given.map(([key, value]) => [key, value === true ? '1' : String(value)])),
  ).toString();
  return text === '' ? '' : `?${text}`;
}
