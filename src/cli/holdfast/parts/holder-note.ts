/** A note that the holder does not answer, above what the server last knew. */
import type { ConsoleSummary } from '../../../model/api.ts';
import { type HolderSilence, silenceRemedy, silenceText } from '../../../model/holder-silence.ts';
import type { Io } from '../command/command.ts';
import { clean } from '../text/display.ts';
import { local } from '../text/times.ts';
import type { Finding } from './doctor-checks.ts';

/** On standard error: scripts read the output. */
export function noteHolder([first]: readonly Pick<ConsoleSummary, 'holderSilent'>[], io: Pick<Io, 'err'>): void {
  const silent = first?.holderSilent;
  if (silent) {
    io.err(`${clean(silenceText(silent, local(silent.since)))}. What follows is what the server knew.\n`);
    io.err(`  ${clean(silenceRemedy(silent))}\n`);
  }
}

export function checkHolder(silent: HolderSilence | undefined): readonly Finding[] {
  return silent === undefined
    ? []
    : [
        {
          check: 'holder',
          verdict: 'failed',
          text: silenceText(silent, local(silent.since)),
          fix: silenceRemedy(silent),
        },
      ];
}
