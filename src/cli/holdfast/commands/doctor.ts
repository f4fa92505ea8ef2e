import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { noServerText } from '../../../client/connect-error.ts';
import { HoldfastError } from '../../../model/errors.ts';
import { type Command, type Context, JSON_OPTION } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { awayServer, troubleText } from '../parts/away-server.ts';
import { checkOpenings, checkSocket } from '../parts/doctor-access.ts';
import {
  checkAllLogs,
  checkClock,
  checkConditions,
  checkConfig,
  checkConnections,
  checkCores,
  checkDescriptors,
  checkEndpoints,
  checkLeftOut,
  checkLogs,
  checkUsers,
  checkVersions,
  checkWaits,
  type Finding,
  readOrNot,
  uidOf,
} from '../parts/doctor-checks.ts';
import { checkLogBounds } from '../parts/doctor-logs.ts';
import { checkMemory } from '../parts/doctor-memory.ts';
import { checkNetwork } from '../parts/doctor-network.ts';
import { checkHolder } from '../parts/holder-note.ts';
import { mainFile } from '../parts/main-file.ts';
import { cell, clean } from '../text/display.ts';
import { tell } from '../text/folded.ts';
import { shownWhile } from '../text/shown-while.ts';
import { paint } from '../text/styles.ts';

const MARK = { ok: 'ok', warning: 'warning', failed: 'FAILED' } as const;
const STYLE = { ok: 'green', warning: 'yellow', failed: 'red' } as const;

async function examine(context: Context): Promise<readonly Finding[]> {
  const { client, clock, host: far, io, socket, version } = context;
  const host = far === undefined ? [checkClock()] : [];
  const server = await client.version().catch((error: Error) => error);
  if (server instanceof Error) {
    return [far === undefined ? await noServer(server, socket, io) : unreached(server), ...host];
  }
  const [plan, consoles, access, open] = await Promise.all([
    client.plan().catch(refusal),
    client.list(),
    client.access().catch(refusal),
    client.openings().catch(refusal),
  ]);
  // Asked again: a request in between may be the one that got no answer.
  const { silent } = (await client.version()).holder;
  const asked = [
    ...checkVersions(version, server),
    ...checkHolder(silent),
    ...(plan instanceof HoldfastError
      ? [notTold('configuration', plan)]
      : [checkConfig(server, plan), ...checkLeftOut(plan), ...checkEndpoints(plan)]),
    ...checkWaits(consoles, io.now()),
    ...checkConditions(consoles),
    ...(open instanceof HoldfastError ? [notTold('access', open)] : checkOpenings(open)),
  ];
  const told = [...checkConnections(server), ...checkNetwork(server, io.now()), ...checkMemory(server)];
  if (far !== undefined) {
    return [...asked, ...checkLogs(consoles), ...told, notSeen(far)];
  }
  const [file] = server.config.files;
  const configured = file === undefined ? [] : await configuredConsoles(context, file);
  const limits = readOrNot(`/proc/${server.holder.pid}/limits`);
  return [
    ...asked,
    ...checkUsers(consoles, uidOf(server.holder.pid)),
    checkSocket(socket, access instanceof HoldfastError ? { governed: false } : access),
    ...(await checkAllLogs(client, clock)),
    ...(await checkLogBounds(configured, clock)),
    checkDescriptors(limits, server.consoles),
    ...told,
    checkCores(readOrNot('/proc/sys/kernel/core_pattern'), limits),
    ...host,
  ];
}

/** As the files of the server have them, where this user may read them. */
async function configuredConsoles({ hooks }: Context, file: string) {
  const { config } = await hooks.files().load(mainFile(file));
  return config?.consoles ?? [];
}

function unreached({ message: text }: Error): Finding {
  return { check: 'server', verdict: 'failed', text };
}

function notSeen(host: string): Finding {
  const text = `users, control socket, disks, limits, core dumps and clock of ${host} cannot be seen from here`;
  return { check: 'the machine', verdict: 'ok', text: `${text}: run 'holdfast doctor' there` };
}

/** Information that is denied to this user, or that an older server does not have, is not a fault of the server. */
function refusal(error: unknown): HoldfastError {
  if (error instanceof HoldfastError && (error.code === 'HF_FORBIDDEN' || error.code === 'HF_NO_ROUTE')) {
    return error;
  }
  throw error;
}

function notTold(check: string, { message }: HoldfastError): Finding {
  return {
    check,
    verdict: 'warning',
    text: `not examined: ${message}`,
    fix: 'run the doctor as root, or with that right',
  };
}

async function noServer(error: Error, socket: string, { env }: Context['io']): Promise<Finding> {
  const finding = { check: 'server', verdict: 'failed', text: error.message } as const;
  if (!(error instanceof HoldfastError) || error.code !== 'HF_NO_SERVER') {
    return { ...finding, text: await troubleText(error, socket, env) };
  }
  const missing = existsSync(dirname(socket)) ? `nothing answers on ${socket}` : `${dirname(socket)} does not exist`;
  const { notes, start } = await awayServer(socket, env);
  return {
    ...finding,
    text: [error.message === noServerText(socket) ? missing : `${missing} (${error.message})`, ...notes].join('; '),
    fix: `${start} starts it; --socket names another one`,
  };
}

export const doctor: Command = {
  name: 'doctor',
  usage: '',
  summary: 'find potential trouble, and say how to fix it',
  help: 'Exit code 0: nothing failed (there may be warnings); 1: something did.',
  options: [JSON_OPTION],
  completes: 'nothing',
  operands: [0, 0],
  async run(context) {
    const { io, values } = context;
    const findings = await shownWhile(context, 'examining', examine(context));
    if (values.json) {
      io.out(`${JSON.stringify(findings, undefined, 2)}\n`);
    } else {
      for (const { check, verdict, text, fix } of findings) {
        const mark = paint(io.color, STYLE[verdict], cell(MARK[verdict], 8));
        tell(io, [`${mark} ${clean(check)}: ${clean(text)}`, ...(fix === undefined ? [] : [`         ${clean(fix)}`])]);
      }
    }
    return findings.some(({ verdict }) => verdict === 'failed') ? EXIT.failed : EXIT.ok;
  },
};
