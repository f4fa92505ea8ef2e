// PNGs of a browser with a palette: pictures of a page have few colours, and take half the bytes so.
import assert from 'node:assert/strict';
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MOST_COLOURS = 256;
/** Three bits of each channel. */
const SHADE = 0xe0e0e0;
const TRUE_COLOUR = 2;
const WITH_PALETTE = 3;

/** `png`: true colour of 8 bits, not interlaced, as Chromium makes it. At most 256 colours stay; others become the nearest of these. */
export function indexed(png: Buffer): Buffer {
  const chunks = chunksOf(png);
  const head = chunks.find(({ type }) => type === 'IHDR')?.data as Buffer;
  assert.deepEqual([...head.subarray(8)], [8, TRUE_COLOUR, 0, 0, 0]);
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const packed = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data));
  const colours = coloursOf(inflateSync(packed), width, height);

  const counts = new Map<number, number>();
  for (const colour of colours) {
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  // The most frequent colour of each shade first: rare shades are what tells states apart.
  const ranked = [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
  const shades = new Map<number, number>();
  for (const colour of ranked) {
    const shade = colour & SHADE;
    shades.set(shade, shades.get(shade) ?? colour);
  }
  const palette = [...new Set([...shades.values(), ...ranked])].slice(0, MOST_COLOURS);
  const indices = new Map(palette.map((colour, index) => [colour, index]));
  const indexOf = (colour: number): number => {
    const known = indices.get(colour);
    if (known !== undefined) {
      return known;
    }
    const distances = palette.map((each) => distance(each, colour));
    const nearest = distances.indexOf(Math.min(...distances));
    indices.set(colour, nearest);
    return nearest;
  };
  // Each line begins with its filter: none, which packs best with a palette.
  const lines = Buffer.alloc(height * (width + 1));
  for (const [at, colour] of colours.entries()) {
    lines[at + Math.floor(at / width) + 1] = indexOf(colour);
  }
  head[9] = WITH_PALETTE;
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('PLTE', Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunksOf(png: Buffer): { readonly type: string; readonly data: Buffer }[] {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return chunks;
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

/** 0xRRGGBB of each pixel, line by line. `bytes`: filtered lines. */
function coloursOf(bytes: Buffer, width: number, height: number): Uint32Array {
  const stride = width * 3;
  const colours = new Uint32Array(width * height);
  let above = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const begin = y * (stride + 1);
    const line = Uint8Array.from(bytes.subarray(begin + 1, begin + 1 + stride));
    const predict = PREDICTIONS[bytes[begin] as number] as (typeof PREDICTIONS)[number];
    for (let x = 0; x < stride; x++) {
      const [left, corner] = x < 3 ? [0, 0] : [line[x - 3] as number, above[x - 3] as number];
      // A typed array keeps eight bits.
      line[x] = (line[x] as number) + predict(left, above[x] as number, corner);
    }
    for (let x = 0; x < width; x++) {
      const [red, green, blue] = line.subarray(x * 3, x * 3 + 3) as unknown as [number, number, number];
      colours[y * width + x] = (red << 16) | (green << 8) | blue;
    }
    above = line;
  }
  return colours;
}

/** Filters 0 to 4: none, left, above, mean, Paeth. */
const PREDICTIONS: readonly ((left: number, above: number, corner: number) => number)[] = [
  () => 0,
  (left) => left,
  (_, above) => above,
  (left, above) => (left + above) >> 1,
  (left, above, corner) => {
    const guess = left + above - corner;
    const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
    return a <= b && a <= c ? left : b <= c ? above : corner;
  },
];

function distance(one: number, other: number): number {
  return [16, 8, 0].reduce((sum, shift) => sum + (((one >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0);
}
