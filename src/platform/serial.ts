/** Serial devices, by the `serialport` package: loaded only where a console has one. */
import type { Duplex } from 'node:stream';
import type { ConsoleSource } from '../model/config.ts';

/** Opens the device with its line settings; rejects with what the system says. */
export async function openSerial(source: ConsoleSource & { kind: 'serial' }): Promise<Duplex> {
  const { SerialPort } = await import('serialport');
  const port = new SerialPort({
    path: source.path,
    baudRate: source.baud,
    dataBits: source.dataBits,
    stopBits: source.stopBits,
    parity: source.parity,
    rtscts: source.flow === 'hardware',
    xon: source.flow === 'software',
    xoff: source.flow === 'software',
    autoOpen: false,
  });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  return port;
}
