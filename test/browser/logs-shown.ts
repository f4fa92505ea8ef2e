// Logs for the pictures of the view of logs: two consoles in the minute of an interlock.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BEGIN = Date.UTC(2026, 10, 29, 2, 12);
const LINES = 40;

/** Of `vac-01` and `rf-01`, as they were rotated. The time that it is about, ISO 8601. */
export function writeLogs(folder: string): string {
  const stamped = (at: number, text: string) => `${new Date(BEGIN + at).toISOString()} ${text}\n`;
  const vacuum = Array.from({ length: LINES }, (_, at) =>
    stamped(at * 1000, `VAC-01:Pressure ${at < 22 ? 1.2 : (1.2 * 1.6 ** (at - 21)).toFixed(1)}e-08 mbar`),
  );
  const klystron = Array.from({ length: LINES }, (_, at) =>
    stamped(at * 1000 + 440, `RF-01:Forward ${at < 24 ? (43 + (at % 5) / 10).toFixed(1) : '0.0'} kW`),
  );
  vacuum[21] = stamped(21_310, 'valve VV-11: position lost');
  vacuum[23] = stamped(23_020, 'interlock OPEN: gate valve VV-11 closes');
  klystron[23] = `${stamped(23_180, 'interlock: RF off')}  permit lost from VAC-01\n  forward 43.4 kW, reflected 0.2 kW\n`;
  writeFileSync(join(folder, 'vac-01.log.1'), vacuum.join(''));
  writeFileSync(join(folder, 'rf-01.log.1'), klystron.join(''));
  return new Date(BEGIN + 23_020).toISOString();
}
