/** Lines over a socket: a terminal server by TCP or telnet, a unix socket such as a procServ's (spec/conserver.md 8.4, 8.5). */

import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { escapeTelnet, Telnet } from '../../../codec/telnet.ts';
import { textOfCf } from '../../../grammar/conserver/console.ts';
import type { ConsoleRecord } from '../../../grammar/conserver/records.ts';
import { CR, NUL } from '../../../model/ascii.ts';
import { errnoText } from '../../../platform/errno-text.ts';
import { Replies } from '../../../platform/net/replies.ts';
import { descriptorOf } from '../../../platform/net/socket-descriptor.ts';
import type { Clock } from '../../../platform/time/clock.ts';
import type { Source, SourceHandlers } from '../model/ports.ts';

/** Milliseconds after which an attempt to connect is abandoned. */
const CONNECT_TIMEOUT_MS = 10_000;
/**
 * Milliseconds for which input to a unix socket waits after connecting: a procServ that was started together with us
 * discards input before its child runs, and reports that only to users.
 */
const UDS_SETTLE_MS = 1000;
/** Waiting input above this many bytes makes `write` return false. */
const MAX_HELD_BYTES = 65_536;
const IAC_BREAK = Uint8Array.of(255, 243);

export async function openNetSource(record: ConsoleRecord, handlers: SourceHandlers, clock: Clock): Promise<Source> {
  const { host = '', port = 0, uds, protocol } = record;
  const socket = await connected(record.type === 'uds' ? { path: textOfCf(uds ?? '') } : { host, port }, clock);
  const replies = new Replies(socket, () => socket.resume());
  const telnet =
    record.type === 'host' && protocol === 'telnet' ? Telnet.consoleClient((bytes) => replies.send(bytes)) : undefined;
  const strip = new NulStripper();
  const settling = record.type === 'uds' ? new Settling(socket, handlers.drained, clock) : undefined;
  socket.on('data', (bytes: Uint8Array) => {
    const data = telnet === undefined ? bytes : strip.apply(telnet.receive(bytes));
    if (data.length > 0) {
      handlers.output(data);
    }
    if (replies.full) {
      socket.pause();
    }
  });
  socket.on('drain', () => handlers.drained());
  socket.on('close', () => handlers.ended());
  return {
    ...{ pid: 0, tty: '' },
    fd: descriptorOf(socket) ?? -1,
    write: (bytes) => settling?.write(bytes) ?? socket.write(telnet === undefined ? bytes : escapeTelnet(bytes)),
    close: () => {
      socket.removeAllListeners('close');
      socket.destroy();
    },
    ...(telnet && { sendBreak: () => void socket.write(IAC_BREAK) }),
  };
}

function connected(where: NetConnectOpts, clock: Clock): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(where);
    const patience = clock.after(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error('connect timeout')));
    let fd = -1;
    socket.once('connectionAttemptFailed', () => {
      fd = descriptorOf(socket) ?? -1;
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      patience.cancel();
      reject(new Error(error.errno === undefined ? error.message : `connect(${fd}): ${errnoText(error.errno)}`));
    });
    socket.once('connect', () => {
      patience.cancel();
      socket.removeAllListeners('error');
      // An error also ends the line, which `close` reports.
      socket.on('error', () => undefined);
      socket.setNoDelay(true).setKeepAlive(true, 60_000);
      resolve(socket);
    });
  });
}

/** Holds input back until the peer has had its time. */
class Settling {
  #held: Uint8Array[] | undefined = [];
  #bytes = 0;

  constructor(socket: Socket, drained: () => void, clock: Clock) {
    const timer = clock.after(UDS_SETTLE_MS, () => {
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const bytes of held) {
        socket.write(bytes);
      }
      if (this.#bytes >= MAX_HELD_BYTES && !socket.writableNeedDrain) {
        drained();
      }
    });
    socket.once('close', () => timer.cancel());
  }

  /** Whether there is room for more; undefined: the delay is over, the caller writes. */
  write(bytes: Uint8Array): boolean | undefined {
    if (this.#held === undefined) {
      return undefined;
    }
    this.#held.push(Uint8Array.from(bytes));
    this.#bytes += bytes.length;
    return this.#bytes < MAX_HELD_BYTES;
  }
}

/** A telnet peer sends CR NUL for a CR alone. */
class NulStripper {
  #afterCr = false;

  apply(data: Uint8Array): Uint8Array {
    if (data.indexOf(NUL) < 0) {
      this.#afterCr = data.length > 0 ? data[data.length - 1] === CR : this.#afterCr;
      return data;
    }
    return data.filter((byte) => {
      const drop = this.#afterCr && byte === NUL;
      this.#afterCr = byte === CR;
      return !drop;
    });
  }
}
