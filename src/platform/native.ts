/** The C addon (`native/`): system calls that Node does not have, and no policy. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ChildProgram, StartFailure } from '../model/runner.ts';

/** A child to be started in a terminal of its own. Times, limits and ids are for the caller to decide, all optional. */
export interface SpawnRequest extends ChildProgram {
  /** `[resource, soft, hard]`: RLIMIT_ numbers of `rlimit`; -1 is RLIM_INFINITY, null leaves that limit as it is. */
  readonly limits?: readonly (readonly [resource: number, soft: number | null, hard: number | null])[];
  /** Window size; a new terminal has 0 x 0. */
  readonly columns: number;
  readonly rows: number;
  /** Absolute path of a `cgroup.procs` file that the child writes itself into before it becomes the program. */
  readonly cgroupProcs?: string;
  /**
   * Both sides of a terminal that `openTerminal` opened; closed by `spawn`, which opens one itself if they are absent.
   */
  readonly master?: number;
  readonly slave?: number;
}

export interface OpenTerminal {
  readonly master: number;
  readonly slave: number;
}

/** The child of a failed start ends with status 255 and is reported like any other. */
export interface SpawnFailure extends StartFailure {
  readonly errno: number;
}

export interface SpawnResult {
  readonly pid: number;
  /** Master side of the terminal: non-blocking, close-on-exec, to be given to a `Pty`. */
  readonly fd: number;
  readonly failure?: SpawnFailure;
}

/** How a child ended, from wait4(2). Exactly one of `code` and `signal` is not null. */
export interface ChildEnd {
  readonly pid: number;
  readonly code: number | null;
  readonly signal: number | null;
  readonly coreDumped: boolean;
  /** Peak resident set in KiB, user and system time in microseconds. */
  readonly maxRssKib: number;
  readonly userMicros: number;
  readonly systemMicros: number;
}

export interface PtyHandlers {
  /** `count` bytes are in `scratch`, valid until the handler returns. */
  readonly data: (count: number) => void;
  /**
   * The terminal's other side was closed by its last user, and everything was read. Nothing follows, unless it is
   * revived.
   */
  readonly end: () => void;
  /** There is room again after `write` took less than it was given. */
  readonly drain: () => void;
}

export interface NativePty {
  /** Bytes taken: fewer than given (0 included) when the terminal is full; `drain` follows. -1: the other side is gone. */
  write(data: Uint8Array): number;
  /** Stops and restarts reading; a paused terminal makes the child wait once its buffer is full. */
  pause(): void;
  resume(): void;
  /** TIOCSWINSZ: the foreground group of the child gets SIGWINCH. */
  resize(columns: number, rows: number): void;
  /**
   * After `end`: reads on if the other side was opened again (/dev/tty) or bytes were left there. Returns whether it
   * reads.
   */
  revive(): boolean;
  /** Whether the kernel holds unread bytes. */
  readonly readable: boolean;
  /** Closes the descriptor; no handler is called any more. Twice does nothing. */
  close(): void;
  readonly fd: number;
}

/** Work on a log by its name. In folders that are not root's alone it is done by descriptor (native/place.c). */
export interface FileErrand {
  readonly verb:
    | 'open'
    | 'look'
    | 'rotate'
    | 'pack'
    | 'packed'
    | 'list'
    | 'fetch'
    | 'identify'
    | 'space'
    | 'folder'
    | 'cut'
    | 'save';
  /** The log; for `space` and `folder` a folder. */
  readonly path: string;
  /** The suffix of its name: `.1.gz`. For `fetch`, `identify`, `cut`; for `rotate` its new suffix, instead of `.1`. */
  readonly suffix?: string;
  /** Who, beside root, may write to its folder: name or number. */
  readonly user?: string;
  /** For `open`: the owner of a file of ours, by name or number. */
  readonly group?: string;
  /** For `open` and `folder`. */
  readonly mode?: number;
  /**
   * For `open`: a file of ours that exists already gets exactly this mode too; otherwise it is the mode of a new one,
   * less the umask.
   */
  readonly exact?: boolean;
  /** Folders of anybody are treated like those of `user`. */
  readonly anybodys?: boolean;
  /** For `look` and `rotate`: the file as it is open. */
  readonly fd?: number;
  /** For `rotate`. */
  readonly keep?: number;
  /** For `cut`: bytes that remain. */
  readonly size?: number;
}

/**
 * The answer to an errand. `device` and `identity` (`device:inode`) identify the file; times in milliseconds since
 * 1970.
 */
export interface FileAnswer {
  readonly device: string;
  readonly identity: string;
  readonly size: number;
  readonly modified: number;
  readonly begun: number;
  /** For `pack`: descriptor of the file to write to; for `space`: bytes of the file system. */
  readonly target: number;
  /** For `open`: it is a regular file of this name, and may be rotated; for `space`: we may write there. */
  readonly plain: boolean;
  /** Why it was refused although the system would have allowed it. */
  readonly refused?: 'owner' | 'everybody' | 'group' | 'link' | 'kind' | 'names' | 'stranger' | NoFile;
  /** The folder or file that was refused, and the uid, or gid for `group`, that it belongs to. */
  readonly where?: string;
  readonly owner?: number;
  /** For `list`: the ends of the names that begin with that of the log. */
  readonly list?: readonly string[];
}

type NoFile = 'no-file' | 'no-group' | 'not-our-group';

/** A thread that works on files in the order given, so that a stalled disk stops this thread only. */
export interface NativeWriter {
  /** Queues `data` for `fd` (append, until all is written or an error). Returns a ticket, counting from 1. `data` must not change until done. */
  write(fd: number, data: Uint8Array): number;
  /** Queues one pread(2); the result is the bytes that came, 0 at the end. */
  read(fd: number, into: Uint8Array, position: number): number;
  /** Queues an fdatasync(2), close(2) or fstat(2) of `fd`. */
  sync(fd: number): number;
  closeFile(fd: number): number;
  status(fd: number): number;
  /**
   * Results: `open`, `fetch`, `pack` a descriptor; `look` 0: in its place, 1: elsewhere, 2: deleted; `space` free bytes.
   * `rotate` fails with ESTALE where the name is another file's, with EINVAL where that is not a regular file.
   */
  ask(errand: FileErrand): number;
  /** Blocks until the ticket is done, at most `micros` microseconds. Returns whether it is done. */
  wait(ticket: number, micros: number): boolean;
  /** The process need not stay alive for its remaining work. */
  forsake(): void;
  /** Lets the thread finish its queue and end; `done` is not called any more. */
  close(): void;
}

/** A finished ticket: its result (bytes, a descriptor), and errno, 0 for success; an answer for `ask` and `status`. */
export type WriterDone = (ticket: number, result: number, errno: number, answer?: FileAnswer) => void;

export interface UdpSettings {
  /** Dotted quad and port to bind; port 0 is any free one. */
  readonly address: string;
  readonly port: number;
  /** Bytes of a slot, at most 65535: a longer datagram arrives truncated, with its real size. */
  readonly slot: number;
  /**
   * Bytes requested from the kernel, which doubles them; 0 leaves its default. Without CAP_NET_ADMIN at most
   * net.core.rmem_max.
   */
  readonly receiveBuffer: number;
  readonly sendBuffer: number;
}

export interface UdpHandlers {
  /** `count` datagrams, at most a batch, are in the first slots of `memory` and in `received`, until the handler returns. */
  readonly batch: (count: number) => void;
  /**
   * Only the first so many of the datagrams that `batch` left in `outgoing` were sent. This handler has to empty it.
   */
  readonly sent: (done: number) => void;
  /** There is room again after a partial send. */
  readonly drain: () => void;
  /** Receiving failed with this errno; it goes on. */
  readonly error: (errno: number) => void;
}

/**
 * A UDP socket (IPv4). A batch is at most 64 datagrams; other descriptors of the loop get a turn after 2 ms of batches.
 */
export interface NativeUdp {
  /** 64 slots for received datagrams, followed by the same amount for the caller's outgoing ones. */
  readonly memory: Uint8Array<ArrayBuffer>;
  /** Size, IPv4 address and port of each datagram that arrived. Addresses are signed numbers in host order. */
  readonly received: Int32Array;
  /**
   * Offset in `memory`, size, IPv4 address and port of each of up to 64 datagrams to send, to which sending adds errno,
   * 0 if it was sent; after these 64 times 5 numbers, their count. Everything here when `batch` returns is sent.
   */
  readonly outgoing: Int32Array;
  /**
   * Sends the contents of `outgoing`, and leaves them there; returns how many were dealt with. Fewer: the socket is
   * full, `drain` follows.
   */
  flush(): number;
  /** Datagrams that the kernel threw away because the receive buffer was full, since the socket was opened. */
  readonly drops: number;
  /** Bytes of the receive buffer as the kernel counts them. */
  readonly receiveBuffer: number;
  /** Closes the descriptor; no handler is called any more. Twice does nothing. */
  close(): void;
  readonly fd: number;
}

export interface UserEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

export interface TerminalModes {
  readonly ixon?: boolean;
  readonly ixoff?: boolean;
  readonly ixany?: boolean;
  /** Codes of the keys. */
  readonly erase?: number;
  readonly kill?: number;
}

export interface LineSettings {
  readonly baud: number;
  /** Of data. */
  readonly bits: 5 | 6 | 7 | 8;
  readonly parity: 'none' | 'even' | 'odd' | 'mark' | 'space';
  readonly cstopb: boolean;
  readonly crtscts: boolean;
  readonly hupcl: boolean;
  readonly ixon: boolean;
  readonly ixoff: boolean;
  readonly ixany: boolean;
}

export interface NativeAddon {
  /** The read buffer shared by every `Pty`. */
  readonly scratch: Uint8Array;
  /** RLIMIT_ numbers of this platform by name: `core`, `nofile`, ... */
  readonly rlimit: Readonly<Record<string, number>>;
  /**
   * Opens a terminal and starts the child on it: session and group leader, controlling terminal, clean signal mask,
   * default dispositions, no descriptor but 0, 1, 2. Does not block: the wait for execve(2) happens on a thread of its
   * own. An errno before there is a child (no terminal, no process left) is an Error with `code`. A property of the
   * wrong type, or an id, size or limit out of range, is a TypeError at once: nothing is ignored.
   */
  spawn(request: SpawnRequest, done: (error: (Error & { code: string }) | null, result?: SpawnResult) => void): void;
  /** For a later `spawn`, of this size and for a child of this user; uid -1: our own. Throws with `code`. */
  openTerminal(columns: number, rows: number, uid: number): OpenTerminal;
  /** The session leader on a terminal, by its master side; undefined if there is none. */
  terminalSession(fd: number): number | undefined;
  openPty(fd: number, handlers: PtyHandlers): NativePty;
  /** Called once for every ended child that `spawn` started or `adopt` named; one handler for the process. */
  onChildEnd(handler: (end: ChildEnd) => void): void;
  /** Also report the end of this child of ours, started by an earlier program in this process (re-exec). */
  adopt(pid: number): void;
  /**
   * From now on orphans that become our children (as the first process of a container, or as a subreaper) are reaped.
   * Children of Node and of `spawn` are left to their waiters.
   */
  collectOrphans(): void;
  /**
   * A descriptor for the process, valid even if its number is reused; throws with `code` (ESRCH, ENOSYS before 5.3).
   */
  openPidfd(pid: number): number;
  /** Calls `ended` once when the process has ended; the descriptor stays the caller's. */
  watchPidfd(fd: number, ended: () => void): void;
  /**
   * How the process of a pidfd ended, whether our child or not. null: its parent has not reaped it yet; undefined:
   * this kernel does not say (Linux before 6.15).
   */
  pidfdExit(fd: number): Pick<ChildEnd, 'code' | 'signal' | 'coreDumped'> | null | undefined;
  /** An extended attribute, at most 256 bytes; undefined where there is none, or it may not be read. */
  fileAttribute(path: string, name: string): string | undefined;
  /** The first `length` bytes of a file as shared memory: what is written there outlives this process. */
  mapFile(fd: number, length: number): ArrayBuffer;
  /** Throws with `code` when the address is in use (EADDRINUSE), not ours, or invalid (EINVAL). */
  openUdp(settings: UdpSettings, handlers: UdpHandlers): NativeUdp;
  openWriter(done: WriterDone): NativeWriter;
  /**
   * execve(2): this process becomes the program at `file` (no search), with an empty signal mask, default
   * dispositions and no descriptor but 0, 1, 2. Returns only with an Error with `code`, after which the process can
   * only report and exit.
   */
  becomeProgram(file: string, argv: readonly string[], env: readonly string[] | null): never;
  /** Sets the soft RLIMIT_NOFILE of this process, at most to its hard limit; -1: to that. */
  limitDescriptors(soft: number): void;
  /**
   * _exit(2): no listener of `exit` is called, and no thread is waited for. `process.exit` joins those that compile, and one that wants the
   * collector waits for the main thread in turn (nodejs/node#54918): of searches, one in four hung so on two processors.
   */
  exitNow(status: number): never;
  /** Overwrites our command line with these words; false if they do not fit or its place is unknown. */
  setCommandLine(words: readonly string[]): boolean;
  /** strftime(3) of local time in the C locale. */
  strftime(format: string, seconds: number): Buffer;
  /** From the name service (files, LDAP, SSSD...); undefined if there is no such entry. */
  userByName(name: string): UserEntry | undefined;
  userById(uid: number): UserEntry | undefined;
  groupByName(name: string): number | undefined;
  /** getgrouplist(3): the primary and all supplementary groups. */
  groupsOf(name: string, gid: number): number[];
  /**
   * The same as the four above, the names of all groups of a user (a NUL after each), a regular file whole (`number`:
   * its largest size), the names in a folder, each with a NUL after it (`FOLDER//FILE`: those that have FILE below
   * them), or open(2) (`number`: flags), on a thread of its own: it may take forever. `text` is a name or a path,
   * `number` otherwise an id. Throws if no thread can be created.
   */
  aside<Answer>(
    kind: 'user' | 'userId' | 'group' | 'groups' | 'memberships' | 'read' | 'list' | 'open',
    text: string,
    number: number,
    done: (error: Error | null, answer?: Answer) => void,
  ): void;
  /** SO_PEERCRED of a unix socket. */
  peerCredentials(fd: number): { readonly pid: number; readonly uid: number; readonly gid: number };
  /** Whether the process with these credentials has not ended; true where the kernel does not say (before Linux 6.5). */
  peerLives(fd: number): boolean;
  /** A listening TCP socket: SO_REUSEADDR, `family` 4 or 6 (IPv6 only). Throws with `code`, as all of these. */
  listenTcp(host: string, family: number, port: number, backlog: number): number;
  /** A listening unix socket, made with mode 0; a path that begins with `@` is in the abstract name space. */
  listenUnix(path: string, backlog: number): number;
  /** Whether a connect(2) to this unix socket succeeds: the listener's pid, or undefined if nobody listens. */
  probeUnix(path: string): number | undefined;
  /** The port of a bound TCP socket. */
  boundPort(fd: number): number;
  /** Whether the peer of a socket is gone (poll(2) reports an error or hang-up), and has not just finished writing. */
  hungUp(fd: number): boolean;
  /** Whether the peer of a socket has finished writing, which is not noticed otherwise on a socket that is not read. */
  halfClosed(fd: number): boolean;
  /** Bytes that a socket takes at once; 0 if it is full or broken, which the next ordinary write finds out. */
  send(fd: number, data: Uint8Array): number;
  /**
   * Reads what waits in a socket into the array. Returns bytes; 0 if there is nothing, which the next ordinary read
   * explains.
   */
  receive(fd: number, into: Uint8Array): number;
  /** Bytes that a descriptor of any kind takes without blocking; 0 if it takes nothing or is broken. */
  offer(fd: number, data: Uint8Array): number;
  /** Whether a terminal, by either of its sides, maps a carriage return to a line feed (ICRNL). */
  mapsReturn(fd: number): boolean;
  /**
   * Sets a terminal to pass every key but those that make signals (no ICANON, ECHO, IXON); returns the old state for
   * `restoreTerminal`.
   */
  consoleMode(fd: number): Uint8Array;
  restoreTerminal(fd: number, state: Uint8Array): void;
  /** Flow control and line-editing keys of a terminal; absent settings stay as they are. */
  setModes(fd: number, modes: TerminalModes): void;
  /** Sets a serial line, in raw mode; throws ENOTTY if it is not one, EINVAL for an unsupported rate or parity. */
  setLine(fd: number, settings: LineSettings): void;
  /** setsid(2). Throws with `code`. */
  newSession(): void;
  /** Replaces the standard descriptors with /dev/null. Throws with `code`. */
  leaveStandard(): void;
  /** Unblocks a signal for the handler set for it: Node under `--disable-sigusr1` blocks SIGUSR1. */
  unblockSignal(number: number): void;
  /** Ignores these signals from now on; they are not blocked, and children get them with their default dispositions. */
  passOver(numbers: readonly number[]): void;
  /** SIGRTMIN and SIGRTMAX of the C library. */
  readonly firstRealTimeSignal: number;
  readonly lastRealTimeSignal: number;
  /** Begins and ends a break. */
  setBreak(fd: number, on: boolean): boolean;
  /** tcflush(3): discards queued data in both directions. Throws with `code`. */
  flushLine(fd: number): void;
  /** strerror(3) in the C locale: libuv's own texts differ (EISDIR, EHOSTUNREACH and others). */
  errorText(errno: number): string;
  /**
   * crypt(3) on a pool thread; byte strings below 1024 bytes, otherwise a TypeError. Rejects with ENOSYS if the machine
   * has no libcrypt, with EINVAL for a setting that it does not know.
   */
  crypt(phrase: string, setting: string): Promise<string>;
  /**
   * malloc_trim(3), and unmaps the pages of the program and its libraries: those in use come back from the page cache.
   */
  releaseMemory(): void;
  /** One datagram to a unix socket, `@name` for the abstract name space, with descriptors (SCM_RIGHTS); throws with `code`. */
  sendDatagram(path: string, data: Uint8Array, fds?: readonly number[]): void;
}

/** The addon is in `build/`, as the bundles are; from the sources it is two folders up. */
function load(): NativeAddon {
  const here = import.meta.filename;
  const build = here.endsWith('.ts') ? join(dirname(here), '../../build') : dirname(here);
  return createRequire(here)(join(build, 'holdfast.node')) as NativeAddon;
}

export const native: NativeAddon = load();
