// Run in its own network namespace with a very slow loopback (see native-udp.test.ts): datagrams stay charged to the
// sender until the wire takes them, so that a small send buffer is full. Once all are sent the wire is opened. Prints
// as JSON the datagrams that arrived, once these are all that were not dropped.
import { execFileSync } from 'node:child_process';
import { UdpSocket } from '../../src/platform/net/udp.ts';

const [words = '0', way = 'send'] = process.argv.slice(2);
const count = Number(words);
const received: number[] = [];
const errors: string[] = [];
const settings = { address: '127.0.0.1', port: 0, largest: 4096, receiveBuffer: 4 << 20 };
const error = (text: string): void => void errors.push(text);
const openTheWire = () =>
  execFileSync('tc', 'qdisc change dev lo root tbf rate 1gbit burst 1mbit latency 60s'.split(' '));
const receiver = new UdpSocket({
  ...settings,
  error,
  receive: (text) => {
    received.push(text === 'forward this' ? received.length : Number(text));
    if (received.length === count - sender.dropped) {
      console.log(JSON.stringify({ received, errors, dropped: sender.dropped }));
      void Promise.all([sender.close(0), receiver.close(0)]);
    }
  },
});
const sender = new UdpSocket({
  ...settings,
  sendBuffer: 4608,
  error,
  receive: () => undefined,
  inPlace: (socket, start, size, ip) => {
    for (let n = 0; n < count; n += 1) {
      socket.forward(start, size, ip, receiver.port, error);
    }
    openTheWire();
    return true;
  },
});
if (way === 'forward') {
  receiver.send('forward this', '127.0.0.1', sender.port, error);
} else {
  for (let n = 0; n < count; n += 1) {
    sender.send(String(n), '127.0.0.1', receiver.port, error);
  }
  openTheWire();
}
