/** Whether the memory budget for waiting output is enough. */
import type { LagMemory, VersionInfo } from '../../../model/api.ts';
import { local } from '../text/times.ts';
import type { Finding } from './doctor-checks.ts';

const FIX =
  "'holdfast doctor' and 'ps' name the logs that are not written; more is allowed by 'lag_memory' of [server], from the next start of the server on";

export function checkMemory({ holder, lagMemory }: VersionInfo): readonly Finding[] {
  return [...finding('memory of the holder', holder.lagMemory), ...finding('memory of the server', lagMemory)];
}

function finding(check: string, figures: LagMemory | undefined): readonly Finding[] {
  if (!figures) {
    return [];
  }
  const { most, short, used } = figures;
  const text = `${mebi(used)} of ${mebi(most)} for readers and logs that lag`;
  return short === undefined
    ? [{ check, verdict: 'ok', text }]
    : [
        {
          check,
          verdict: 'warning',
          text: `${text}; it was not enough from ${local(short.since)} to ${local(short.last)}: ${mebi(short.bytes)} dropped`,
          fix: FIX,
        },
      ];
}

function mebi(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
