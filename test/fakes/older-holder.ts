/** A holder that is older than the server: it knows some verbs only, and answers all others with null, as holders do. */
import { FRAME, FrameReader, frame, PROTOCOL } from '../../src/codec/holder-frames.ts';
import type { HolderRequest } from '../../src/model/holder-protocol.ts';
import type { HolderAccess } from '../../src/remote/holder-access.ts';
import { memoryLink } from './memory-link.ts';

type Asked = HolderRequest & { readonly id: number };

/** `asked` gets the requests, in order; `known` answers some of them. */
export function olderHolder(known: (request: Asked) => unknown): { asked: Asked[]; access: HolderAccess } {
  const [ours, theirs] = memoryLink();
  const asked: Asked[] = [];
  const reader = new FrameReader();
  theirs.on('data', (bytes: Uint8Array) => {
    for (const { type, payload } of reader.push(bytes)) {
      if (type === FRAME.request) {
        const request = JSON.parse(Buffer.from(payload).toString()) as Asked;
        asked.push(request);
        const answer = { id: request.id, result: known(request) ?? null };
        theirs.write(frame(FRAME.response, Buffer.from(JSON.stringify(answer))));
      }
    }
  });
  const hello = { program: 'holdfast-holder', protocol: PROTOCOL, oldest: 1, version: '0', pid: 1, startedAt: 0 };
  theirs.write(frame(FRAME.hello, Buffer.from(JSON.stringify(hello))));
  const connect: HolderAccess['connect'] = async (received) => ours.on('data', received);
  return { asked, access: { connect } };
}
