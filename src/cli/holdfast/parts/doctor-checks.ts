/** The checks of `holdfast doctor`. Each gives a verdict and, unless all is well, what to do. */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ConsoleSummary, PlanResult, VersionInfo } from '../../../model/api.ts';
import { conditionOf } from '../../../model/condition.ts';
import { counted, someOf } from '../../../model/counted.ts';
import type { HostClient } from '../../../model/host-port.ts';
import { unopenedText } from '../../../model/plan-text.ts';
import { restartAdvice } from '../../../model/restart-advice.ts';
import { type DiskFault, DiskFiles } from '../../../platform/files/disk-files.ts';
import type { Clock } from '../../../platform/time/clock.ts';
import { clean } from '../text/display.ts';
import { problemLine } from '../text/plan-text.ts';
import { local } from '../text/times.ts';

export interface Finding {
  readonly check: string;
  readonly verdict: 'ok' | 'warning' | 'failed';
  readonly text: string;
  readonly fix?: string;
}

/** Descriptors that a console may need: terminal, log, its endpoints and a few sessions. */
const FDS_EACH = 8;
const FDS_BASE = 256;
/** Share of the descriptors that an idle server stays well below. */
const MUCH_USED = 0.75;
/** Free space below which a log directory is in trouble. Bytes, and share of the file system. */
const MIN_FREE = 512 << 20;
const MIN_SHARE = 0.05;
/** Milliseconds a file system has to report its free space. */
const LIMIT_MS = 2000;
const ENOENT = 2;
/** An answer that takes longer is reported as missing. */
const LONG_WAIT_MS = 2000;

export const ok = (check: string, text: string): Finding => ({ check, verdict: 'ok', text });
export const warning = (check: string, text: string, fix: string): Finding => ({
  check,
  verdict: 'warning',
  text,
  fix,
});
export const failed = (check: string, text: string, fix: string): Finding => ({ check, verdict: 'failed', text, fix });

export function checkVersions(own: string, { version, holder, service }: VersionInfo): readonly Finding[] {
  return [
    version === own
      ? ok('server', `answers, version ${version}`)
      : warning(
          'server',
          `runs ${version}, this program is ${own}`,
          `restart the server: ${restartAdvice('server', service)}`,
        ),
    holder.version === version
      ? ok('holder', `version ${holder.version}, protocol ${holder.protocol}`)
      : warning(
          'holder',
          `is still ${holder.version}, the server is ${version}`,
          `nothing urgent; it is replaced when the processes may stop: ${restartAdvice('holder', service)}`,
        ),
  ];
}

/** `plan`: for what is on disk now. */
export function checkConfig({ config }: VersionInfo, plan: PlanResult): Finding {
  const check = 'configuration';
  if (plan.problems.length > 0) {
    return failed(
      check,
      `${counted(plan.problems.length, 'mistake')} in the files on disk: the next server would not start`,
      "'holdfast plan' lists them",
    );
  }
  return plan.steps.length + plan.server.length > 0
    ? warning(
        check,
        'changed on disk, not applied',
        "'holdfast plan' shows the changes, 'holdfast reload' applies them",
      )
    : ok(check, config.files.length === 0 ? 'no files' : `as in ${config.files.join(', ')}`);
}

/** The parts of the configuration that were left out. */
export function checkLeftOut({ warnings = [] }: PlanResult): readonly Finding[] {
  return warnings.map((each) =>
    warning(
      'configuration',
      `left out: ${problemLine(each)}`,
      "a folder that appears is picked up by itself, or by 'holdfast reload'; move away one that is not an IOC",
    ),
  );
}

export function checkEndpoints({ unopened = [] }: PlanResult): readonly Finding[] {
  return unopened.map((each) => {
    const fix = `'ss -xlp' and 'ss -tlp' show its owner; 'endpoints' of ${each.console} is where to change it`;
    return failed('endpoints', clean(unopenedText(each)), fix);
  });
}

/** A hung lookup delays only its own console, so it may have gone unnoticed. */
export function checkWaits(consoles: readonly ConsoleSummary[], now: number): readonly Finding[] {
  return consoles.flatMap(({ name, waitsFor }) => {
    if (waitsFor === undefined || now - Date.parse(waitsFor.since) < LONG_WAIT_MS) {
      return [];
    }
    const text = `${name} waits for ${waitsFor.what} since ${local(waitsFor.since)}`;
    return waitsFor.kind === 'turn'
      ? warning(
          'starts',
          text,
          "'holdfast why' of those says why they are not up; 'start_at_once' of [server] is the number",
        )
      : failed(
          'starts',
          text,
          "a file server or a directory of users does not answer: 'getent passwd' and 'stat' of that file show it",
        );
  });
}

/** Links that are dark, and consoles that come and go, or have gone for good. */
export function checkConditions(consoles: readonly ConsoleSummary[]): readonly Finding[] {
  return consoles.flatMap((console) => {
    const { name, restarts, startTrouble } = console;
    const condition = conditionOf(console);
    switch (condition) {
      case 'failed':
      case 'crash-looping':
        return warning(
          `console ${name}`,
          `is ${condition}: it stays down until somebody starts it`,
          `'holdfast why ${name}' says how it ended`,
        );
      case 'dark':
        return warning(
          `link ${name}`,
          `cannot be connected since ${local(startTrouble?.since ?? '')}: ${startTrouble?.text}`,
          `is the other end up, and its address right? 'holdfast status ${name}' shows it`,
        );
      case 'waiting':
      case 'starting':
        return startTrouble
          ? warning(
              `console ${name}`,
              `not started since ${local(startTrouble.since)}: ${startTrouble.text}`,
              `'holdfast status ${name}' shows what it is to be`,
            )
          : [];
      case 'flapping':
        return warning(
          `console ${name}`,
          `is up, but was restarted by its policy ${counted(restarts.hour, 'time')} within the last hour`,
          `'holdfast why ${name}' says how it ended`,
        );
      default:
        return [];
    }
  });
}

/** Consoles shown by name. */
const SHOWN = 5;

/** `holderUid`: the user that processes without `user` run as; absent: unknown. */
export function checkUsers(consoles: readonly ConsoleSummary[], holderUid: number | undefined): readonly Finding[] {
  const bare = consoles.filter(({ kind, user }) => kind === 'run' && user === undefined).map(({ name }) => name);
  if (holderUid !== 0 || bare.length === 0) {
    return [];
  }
  return [
    warning(
      'users',
      `root runs ${someOf(bare, SHOWN)}: anyone who may type into one of them can become root`,
      '\'user\' of the console, its template or [defaults] sets the user; user = "root" says that root is intended',
    ),
  ];
}

/** Of a process; undefined if it is gone or not visible. */
export function uidOf(pid: number): number | undefined {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
}

export async function checkLogFolder(folder: string, disk: DiskFiles): Promise<Finding> {
  const check = `log directory ${folder}`;
  const found = await disk.ask({ verb: 'space', path: folder }).catch((error: DiskFault) => error);
  if (found instanceof Error) {
    return found.errno === ENOENT
      ? failed(check, 'does not exist', `mkdir -p ${folder}, owned by the user of the holder`)
      : failed(check, found.message, `whatever blocks 'df ${folder}' blocks the logs too`);
  }
  const free = found.result;
  const total = found.answer?.target ?? 0;
  const share = total === 0 ? 1 : free / total;
  const space = `${(free / 2 ** 30).toFixed(1)} GiB free (${Math.round(share * 100)} %)`;
  if (free < MIN_FREE || share < MIN_SHARE) {
    return failed(
      check,
      `only ${space}`,
      "delete or move old logs; 'log.size', 'log.keep' and 'log.compress' bound them",
    );
  }
  return found.answer?.plain
    ? ok(check, space)
    : warning(
        check,
        `${space}, not writable by this user`,
        'fine if the holder runs as another user; otherwise chown it',
      );
}

/** The logs that are not written. */
export function checkLogs(consoles: readonly ConsoleSummary[]): readonly Finding[] {
  return consoles.flatMap(({ name, logTrouble }) =>
    logTrouble === undefined
      ? []
      : failed(`log of ${name}`, `not written since ${local(logTrouble.since)}: ${logTrouble.text}`, LOG_FIX),
  );
}

const LOG_FIX =
  "it is retried every second; 'log.path' says where it is. If a file system hangs, look at its server or disk: dmesg, df";

/** The folders of the logs, then the logs that are not being written. */
export async function checkAllLogs(client: Pick<HostClient, 'list'>, clock: Clock): Promise<readonly Finding[]> {
  const consoles = await client.list();
  const logs = consoles.flatMap(({ log }) => log ?? []);
  const disk = new DiskFiles(clock, LIMIT_MS);
  const folders = [...new Set(logs.map((log) => dirname(log)))].sort();
  const found = await Promise.all(folders.map((folder) => checkLogFolder(folder, disk)));
  disk.close();
  return [...found, ...checkLogs(consoles)];
}

/** Of the server itself: its connections, and what its consoles need. */
export function checkConnections({ descriptors }: VersionInfo): readonly Finding[] {
  if (!descriptors) {
    return [];
  }
  const { limit, used, short } = descriptors;
  const check = 'descriptors of the server';
  const text = `${used} of ${limit} are in use`;
  const fix = `'ss -xp' and 'ss -tp' show who is connected; LimitNOFILE= in the unit, or ulimit -Hn, allows more`;
  if (short) {
    return [
      failed(check, `${text}: connections were refused since ${local(short.since)}, ${short.refused} so far`, fix),
    ];
  }
  return [used > limit * MUCH_USED ? warning(check, text, fix) : ok(check, text)];
}

/** `limits`: the text of /proc/PID/limits; absent: not readable. */
export function checkDescriptors(limits: string | undefined, consoles: number): Finding {
  const soft = /^Max open files\s+(\S+)/m.exec(limits ?? '')?.[1];
  const needed = FDS_BASE + FDS_EACH * consoles;
  if (soft === undefined) {
    return warning(
      'open files',
      'the limits of the holder cannot be read',
      'run the doctor as root, or as the user of the holder',
    );
  }
  return soft === 'unlimited' || Number(soft) >= needed
    ? ok('open files', `limit ${soft}, ${needed} needed for ${consoles} consoles`)
    : failed(
        'open files',
        `limit ${soft}, ${needed} needed for ${consoles} consoles`,
        `LimitNOFILE=${Math.max(65_536, needed)} in the unit, or ulimit -n`,
      );
}

export function checkCores(pattern: string | undefined, limits: string | undefined): Finding {
  const soft = /^Max core file size\s+(\S+)/m.exec(limits ?? '')?.[1];
  const shown = pattern?.trim() ?? '';
  // A pipe gets the core whatever the limit says (core(5)).
  if (soft === '0' && !shown.startsWith('|')) {
    return warning(
      'core files',
      'the limit is 0: a crash leaves no core file',
      "LimitCORE=infinity in the unit, or limits = { core = 'unlimited' }",
    );
  }
  return shown === ''
    ? warning(
        'core files',
        'kernel.core_pattern is empty or not readable',
        'sysctl kernel.core_pattern=/var/crash/core.%e.%p.%t',
      )
    : ok('core files', `kernel.core_pattern = ${shown}`);
}

/** Logs of many hosts are merged by time: an unsynchronised clock makes nonsense of that. */
export function checkClock(exists: (path: string) => boolean = existsSync): Finding {
  const keeper = [
    ['/run/systemd/timesync/synchronized', 'systemd-timesyncd'],
    ['/run/chrony/chronyd.pid', 'chronyd'],
    ['/var/run/chronyd.pid', 'chronyd'],
    ['/run/ntpd.pid', 'ntpd'],
    ['/run/ptp4l', 'ptp4l'],
  ].find(([path]) => exists(path as string));
  return keeper
    ? ok('clock', `kept by ${keeper[1]}`)
    : warning(
        'clock',
        'no time service was found',
        "start chronyd or systemd-timesyncd; in a container the host's keeps it",
      );
}

export function readOrNot(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
