/** Reads what `[conserver]` names: a conserver.cf with its includes, certificates, passwords. */
import { createSecureContext } from 'node:tls';
import { parseConserverPasswd } from '../grammar/conserver/passwd.ts';
import type { Fault } from '../grammar/conserver/source.ts';
import { type ConserverFiles, type ConserverFound, conserverFiles } from '../grammar/holdfast/conserver.ts';
import type { ConfigTables } from '../grammar/holdfast/tables.ts';
import { readFault } from '../platform/aside.ts';
import { configAside } from '../platform/config-aside.ts';
import { servicePort } from '../platform/net/this-host.ts';
import { loadConserver } from './load-conserver-cf.ts';

export interface LoadedListener {
  readonly found?: ConserverFound;
  /** Digest of everything that was read. */
  readonly read: readonly unknown[];
}

type Problem = ConserverFound['problems'][number];

/** Never throws: what cannot be read is a problem. */
export async function loadConserverFiles(tables: ConfigTables): Promise<LoadedListener> {
  const files = conserverFiles(tables);
  if (files === undefined) {
    return { read: [] };
  }
  const problems: Problem[] = [];
  const faults: Fault[] = [];
  const read: unknown[] = [];
  await readTls(files, problems, read);
  await readPasswords(files, problems, faults);
  if (files.cf === undefined) {
    return { found: { problems, faults }, read };
  }
  try {
    const { config, isThisHost, files: texts } = await loadConserver(files.cf);
    appendTo(faults, config.faults);
    read.push(texts);
    const { primaryport, secondaryport } = config.settings;
    const primary = portNumber('primaryport', primaryport, problems);
    const secondary = portNumber('secondaryport', secondaryport, problems);
    const ports = { ...(primary !== undefined && { primary }), ...(secondary !== undefined && { secondary }) };
    return { found: { cf: { config, isThisHost, ports }, problems, faults }, read };
  } catch (error) {
    problems.push({ key: 'cf', message: `${files.cf} cannot be read: ${readFault(error as Error)}` });
    return { found: { problems, faults }, read };
  }
}

async function readTls({ cert, key, ca }: ConserverFiles, problems: Problem[], read: unknown[]): Promise<void> {
  const texts: (string | undefined)[] = [];
  for (const path of [cert, key, ca]) {
    try {
      texts.push(path === undefined ? undefined : (await configAside.readFile(path)).toString('latin1'));
    } catch (error) {
      problems.push({ key: 'tls', message: `${path} cannot be read: ${readFault(error as Error)}` });
      return;
    }
  }
  read.push(texts);
  try {
    createSecureContext({ cert: texts[0], key: texts[1], ca: texts[2] });
  } catch (error) {
    problems.push({ key: 'tls', message: `${cert} and its key cannot be used: ${(error as Error).message}` });
  }
}

/** It is read at every login; here mistakes are only reported. */
async function readPasswords({ passwordFile }: ConserverFiles, problems: Problem[], faults: Fault[]): Promise<void> {
  if (passwordFile === undefined) {
    return;
  }
  try {
    appendTo(
      faults,
      parseConserverPasswd(passwordFile, (await configAside.readFile(passwordFile)).toString('latin1')).faults,
    );
  } catch (error) {
    problems.push({ key: 'password_file', message: `${passwordFile} cannot be read: ${readFault(error as Error)}` });
  }
}

/** Not in one call: a call takes a limited number of arguments. */
function appendTo<T>(list: T[], more: readonly T[]): void {
  for (const each of more) {
    list.push(each);
  }
}

function portNumber(keyword: string, text: string | undefined, problems: Problem[]): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const port = /^\d+$/.test(text) ? Number(text) : servicePort(text);
  if (port === undefined || port > 65535) {
    problems.push({ key: 'cf', message: `${keyword} '${text}' is neither a port nor a service of this machine` });
    return undefined;
  }
  return port;
}
