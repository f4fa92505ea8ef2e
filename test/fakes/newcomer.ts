/** A client that joins a console of conserver, may write unless `how` says otherwise, and ignores all output. */
import type { NewSeat, SeatStream } from '../../src/listeners/conserver/model/seat.ts';
import type { Principal } from '../../src/model/principal.ts';
import { NO_ACTS } from './fake-console.ts';
import { openTo } from './open-door.ts';

const nothing = () => undefined;

export function newcomer(principal: Principal, how: Partial<NewSeat> = {}): NewSeat {
  return {
    ...{
      acting: openTo(principal),
      rights: () => 'write',
      output: () => true,
      entered: nothing,
      refused: nothing,
      missed: nothing,
    },
    ...{ room: nothing, tell: nothing, bumped: nothing, closed: nothing },
    ...how,
  };
}

/** A stream without a line. */
export const NO_STREAM: SeatStream = {
  ...{ subscribe: nothing, unsubscribe: nothing, place: undefined, resume: nothing, write: () => true, full: false },
  ...{ awaitRoom: nothing, lastInput: 0, ask: nothing, act: NO_ACTS },
};
