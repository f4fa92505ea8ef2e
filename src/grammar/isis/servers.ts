/** The file of addresses that isisCmd and execISIS read: `INSTRUMENT HOST[:PORT]` on each line, `#` begins a comment. */

export interface IsisServerAddress {
  readonly host: string;
  readonly port: number;
}

export const ISIS_PORT = 6600;

/** Addresses by the number of the instrument. Throws SyntaxError that names the line, counting from 1. */
export function parseIsisServers(text: string): Map<string, IsisServerAddress> {
  const servers = new Map<string, IsisServerAddress>();
  text.split(/\r?\n/).forEach((line, index) => {
    const words = line.replace(/#.*/, '').trim().split(/\s+/);
    if (words[0] === '') {
      return;
    }
    const [instrument = '', address = ''] = words;
    const [, host, port = String(ISIS_PORT)] = /^([^\s:]+)(?::(\d{1,5}))?$/.exec(address) ?? [];
    if (
      words.length !== 2 ||
      !/^[12]$/.test(instrument) ||
      host === undefined ||
      Number(port) > 65535 ||
      Number(port) < 1
    ) {
      throw new SyntaxError(`${index + 1}: expected '1 HOST:PORT' or '2 HOST:PORT', not '${line.trim()}'`);
    }
    servers.set(instrument, { host, port: Number(port) });
  });
  return servers;
}
