// Run in a network namespace of its own whose loopback was made slow (see native-udp.test.ts): what is sent stays charged to
// the sender until the wire takes it, so that a small send buffer is full. Prints what arrived as JSON.
import { UdpSocket } from '../src/platform/udp.ts';

const [count = '0', expected = '0', way = 'send'] = process.argv.slice(2);
const received: number[] = [];
const errors: string[] = [];
const settings = { address: '127.0.0.1', port: 0, largest: 4096, receiveBuffer: 4 << 20 };
const error = (text: string): void => void errors.push(text);
const receiver = new UdpSocket({
  ...settings,
  error,
  receive: (text) => {
    received.push(text === 'forward this' ? received.length : Number(text));
    if (received.length === Number(expected)) {
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
  express: (socket, start, size, ip) => {
    for (let n = 0; n < Number(count); n += 1) {
      socket.forward(start, size, ip, receiver.port, error);
    }
    return true;
  },
});
if (way === 'forward') {
  receiver.send('forward this', '127.0.0.1', sender.port, error);
}
for (let n = 0; way === 'send' && n < Number(count); n += 1) {
  sender.send(String(n), '127.0.0.1', receiver.port, error);
}
