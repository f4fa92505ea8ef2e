/** The lines of conserver as the host opens them: commands, devices, connections, in the words of conserver. */
import { escapeTelnet, Telnet } from '../codec/telnet.ts';
import type { HostConsoleParts } from '../console/host-console.ts';
import type { LinkCodec } from '../console/link-runner.ts';
import { CR, NUL } from '../model/ascii.ts';
import type { ConsoleConfig } from '../model/config.ts';
import type { ChildSpec } from '../model/runner.ts';
import { errnoText } from '../platform/errno-text.ts';
import { openDevice } from '../platform/net/serial.ts';
import { type Identity, identityOf } from '../platform/process/run-as.ts';
import { systemText } from '../platform/system-text.ts';

const IAC_BREAK = Uint8Array.of(255, 243);

export const conserverLines: Pick<HostConsoleParts, 'childSpec' | 'openSerial' | 'makeCodec' | 'linkFault'> = {
  childSpec: (config) => {
    const { user, group } = config;
    return user === undefined && group === undefined
      ? specOf(config, {})
      : identityOf({ ...(user !== undefined && { user }), ...(group !== undefined && { group }) }).then((identity) =>
          specOf(config, identity),
        );
  },
  openSerial: async (source) => {
    const fault = (error: unknown) => new Error(`open(${source.path}): ${systemText(error)}`);
    try {
      return await openDevice(source, fault);
    } catch (error) {
      throw (error as NodeJS.ErrnoException).errno === undefined ? error : fault(error);
    }
  },
  makeCodec: telnetCodec,
  linkFault: ({ errno }, fd) =>
    new Error(errno === undefined ? 'connect timeout' : `connect(${fd}): ${errnoText(errno)}`),
};

/** With the environment of this server. */
function specOf({ source, stop, after }: ConsoleConfig, identity: Identity): ChildSpec {
  if (source.kind !== 'run') {
    throw new Error(`a ${source.kind} has no process`);
  }
  const { argv, modes, program } = source;
  return {
    ...{ file: program ?? (argv[0] as string), argv, ...identity, stop: { steps: stop, before: after } },
    ...(modes && { modes }),
  };
}

function telnetCodec(send: (bytes: Uint8Array) => void): LinkCodec {
  const telnet = Telnet.consoleClient(send);
  const strip = new NulStripper();
  return { receive: (bytes) => strip.apply(telnet.receive(bytes)), encode: escapeTelnet, brk: IAC_BREAK };
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
