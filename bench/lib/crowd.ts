import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from './process.ts';
import type { Settings } from './suite.ts';
import { atMost, type Row } from './table.ts';

/** Connections of one crowd. */
const CROWD = 5000;
/** Connections started before the loop turns. */
const AT_ONCE = 50;

/** Starts another crowd when one is connected, until it is told to stop. */
function comeIn(where: NetConnectOpts): { stop(): Promise<void> } {
  let stopped = false;
  const coming = (async () => {
    while (!stopped) {
      const sockets: Socket[] = [];
      while (!stopped && sockets.length < CROWD) {
        for (let n = 0; n < AT_ONCE; n++) {
          sockets.push(connect(where).on('error', () => undefined));
        }
        await delay(1);
      }
      for (const socket of sockets) {
        socket.destroy();
      }
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await coming;
    },
  };
}

const SAMPLES = '500';
/** Microseconds. */
const LIMIT = 50_000;

/**
 * Microseconds of an echo at `address` (as bench/native/echo takes it) while strangers connect to `door`, in repeated
 * crowds. Only for ours: there is nothing to compare with.
 */
export async function echoInCrowd<Quantile extends string>(
  settings: Settings,
  quantiles: readonly Quantile[],
  door: NetConnectOpts,
  address: string,
): Promise<Row[]> {
  const samples: Record<Quantile, number>[] = [];
  for (let round = 0; round < (settings.quick ? 2 : 8); round++) {
    const coming = comeIn(door);
    samples.push(await ask<Record<Quantile, number>>(settings.native('echo'), [address, SAMPLES, '60']));
    await coming.stop();
  }
  return quantiles.map((quantile) => ({
    what: `echo ${quantile} while ${CROWD} connections come in`,
    unit: 'us',
    ours: samples.map((sample) => sample[quantile]),
    theirs: [],
    goal: atMost(LIMIT, ''),
  }));
}
