/** The data of the control API, made of api-schema.ts and its neighbours by `npm run generate`. Times are ISO 8601 with milliseconds, UTC. */
export type * from './isis-api.ts';

export type ProcessState =
  | 'stopped'
  | 'starting'
  | 'running'
  | 'ready'
  | 'stopping'
  | 'waiting'
  | 'held'
  | 'crash-looping'
  | 'failed';

/** One principal on one console. */
export interface SessionInfo {
  readonly id: number;
  /** Login name, or `unknown`. */
  readonly user: string;
  /** The person who logged in, if that is another than `user`: by sudo or su. */
  readonly behind?: string;
  /** From where: `pid 4711`, `10.0.0.3:51234`. */
  readonly from: string;
  readonly via: 'attach' | 'procserv' | 'conserver';
  readonly mode: 'read' | 'write';
  readonly since: string;
}

/** A right of a principal. */
export type Right =
  | 'see'
  | 'read'
  | 'start'
  | 'stop'
  | 'restart'
  | 'hold'
  | 'release'
  | 'signal'
  | 'operate'
  | 'write'
  | 'force'
  | 'configure'
  | 'admin';

/** The author of an action. */
export interface Principal {
  /** Login name; `uid 1234` where the system has none; `unknown` if nothing is known. */
  readonly user: string;
  /** Those known to the listener that admitted this principal. */
  readonly groups?: readonly string[];
  /** The way in. */
  readonly channel: 'api' | 'procserv' | 'conserver' | 'web' | 'network' | 'ca' | 'fleet' | 'signal' | 'self';
  /** Host name or address; of a signal its name; of the server itself what made it act. */
  readonly from: string;
  /** How the identity of the user is known, strongest first. */
  readonly assurance: 'kernel' | 'password' | 'certificate' | 'token' | 'vouched' | 'claimed' | 'none';
  /** TCP port at `from`. */
  readonly port?: number;
  /** Process at the other end, on this machine. */
  readonly pid?: number;
  /** Of that process, from the kernel. */
  readonly uid?: number;
  /** The person who logged in, if that is another than `user`: by sudo or su. */
  readonly behind?: string;
  /** The most rights that the way in leaves to this principal: of a token, of an endpoint. */
  readonly bound?: readonly Right[];
  /** The only consoles that it is for: names, patterns, `@group`. */
  readonly boundOn?: readonly string[];
  /** Why the action was asked for, in the words of the principal. */
  readonly reason?: string;
}

/** A console that is down on purpose. */
export interface HoldInfo {
  readonly reason: string;
  readonly by: string;
  readonly since: string;
  readonly until?: string;
  /** Whether it was wanted up before: then the release starts it. Absent: the configuration decides. */
  readonly resume?: boolean;
}

/** The consoles that the start of a console waits for. */
export interface ConsoleWait {
  /**
   * `answer`: a pending lookup before the start, in a user directory or on a file server. `turn`: others start first.
   */
  readonly kind: 'answer' | 'turn';
  /** `environment file /mnt/iocs/env`, `a start slot behind vac-01, vac-02`. */
  readonly what: string;
  readonly since: string;
}

/** A holder that does not answer, or is gone, as the server sees it. */
export interface HolderSilence {
  /** 0: there is none. */
  readonly pid: number;
  readonly since: string;
  /** As the kernel has it, if that explains it: `stopped`, `stuck in the kernel`. */
  readonly state?: string;
}

/** One row of `holdfast ps`. */
export interface ConsoleSummary {
  readonly name: string;
  /** The kind of its source. */
  readonly kind: 'run' | 'unix' | 'tcp' | 'telnet' | 'serial' | 'none';
  readonly state: ProcessState;
  readonly since: string;
  readonly pid?: number;
  /**
   * Automatic restarts after an unrequested end: within the last hour, and in total as far as the holder or the history
   * knows.
   */
  readonly restarts: {
    readonly hour: number;
    readonly total: number;
  };
  /** It is up, but was restarted by its policy within the last ten minutes. Absent: it is not so. */
  readonly flapping?: boolean;
  readonly writer?: SessionInfo;
  readonly sessions: number;
  /** Without control characters, at most 200 characters. */
  readonly lastLine: string;
  readonly groups: readonly string[];
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  /** User that the process runs as; absent: that of the holder, or the source is not a process. */
  readonly user?: string;
  readonly hold?: HoldInfo;
  readonly waitsFor?: ConsoleWait;
  /** The stop of a process that is under way: which step is done when. */
  readonly stopping?: {
    readonly since: string;
    readonly steps: readonly {
      /** After `since`. */
      readonly afterSeconds: number;
      /** `SIGTERM`. */
      readonly signal?: string;
      /** Text for its terminal. */
      readonly send?: string;
    }[];
  };
  /** The condition for a process to count as ready, and its deadline; with `running`, it is late. */
  readonly readiness?: {
    /** `port 5064`, `'epics>' in its output`. */
    readonly what: string;
    readonly until: string;
  };
  /** Why it could not be connected or started the last time, and since when that is so. */
  readonly startTrouble?: {
    readonly text: string;
    readonly since: string;
  };
  /** Path of the log. */
  readonly log?: string;
  /** A problem of the log, in one sentence that names it. */
  readonly logTrouble?: {
    readonly text: string;
    readonly since: string;
  };
  readonly holderSilent?: HolderSilence;
}

/** How a process or link ended: what `holdfast why` tells. */
export interface DeathInfo {
  readonly time: string;
  /** 0: it was a link. */
  readonly pid: number;
  readonly uptimeSeconds: number;
  readonly code: number | null;
  /** `SIGSEGV`. */
  readonly signal: string | null;
  readonly coreDumped: boolean;
  readonly outOfMemory: boolean;
  /** `askedBy` and `askedSignal` in short, `vera (SIGKILL)`; absent: nobody asked for it. */
  readonly asked?: string;
  readonly askedBy?: Principal;
  /** The signal that was asked for, where it was one. */
  readonly askedSignal?: string;
  /** Peak resident set; 0: unknown, since it was less than that of the holder. */
  readonly maxRssKib: number;
  /** Of its output before the end. */
  readonly lastLines: readonly string[];
}

/**
 * Resource use of the processes of a console, and their limits, as accounted in their cgroup; without one, the use of
 * all processes of its session, memory that is resident, and no limits.
 */
export interface Resources {
  /** Why there are no figures, or no memory figures. */
  readonly missing?: string;
  readonly processes?: number;
  /** Since the start, of all processes. */
  readonly cpuSeconds?: number;
  /** Charged to them now, page cache included; the peak since the start; the limit. */
  readonly memoryBytes?: number;
  readonly memoryPeakBytes?: number;
  readonly memoryMaxBytes?: number;
  /** Processors that they may use: 1.5 is one and a half. */
  readonly cpuMax?: number;
}

/** Past resource use of a console. */
export interface PastResources {
  /** When this server started to sample; nothing is known from before. */
  readonly since: string;
  /** Of the last day, oldest first; spans without data are omitted. */
  readonly spans: readonly {
    /** When it begins. */
    readonly time: string;
    /** 60 within the last hour, 900 before that. */
    readonly seconds: number;
    /** Peak in this span, sampled once a minute. To seven digits. */
    readonly memoryBytes?: number;
    /** Mean number of processors: 0.25 is a quarter of one. */
    readonly cpu?: number;
  }[];
}

/** An endpoint that could not be opened; opening it is retried. */
export interface UnopenedEndpoint {
  readonly endpoint: string;
  readonly reason: string;
}

/** One console in full. */
export interface ConsoleDetail extends ConsoleSummary {
  readonly command?: readonly string[];
  readonly address?: string;
  readonly chdir?: string;
  readonly restartMode: 'always' | 'on-failure' | 'never' | 'oneshot';
  /** Regular expression of the line by which it is ready; absent: it has none. */
  readonly readyPattern?: string;
  readonly endpoints: readonly string[];
  /** Those of `endpoints` that are not open; absent: none. */
  readonly unopened?: readonly UnopenedEndpoint[];
  /** Those of `endpoints` where nobody may do more than this; absent: none. */
  readonly bounded?: Readonly<Record<string, readonly string[]>>;
  readonly sessionList: readonly SessionInfo[];
  /** Newest first. */
  readonly deaths: readonly DeathInfo[];
  /** No death since then is missing; older ones may be. Absent: not known yet. */
  readonly historySince?: string;
  readonly resources?: Resources;
}

/**
 * The effect of applying a configuration on one console, on the ISIS server `isis.NAME`, or on the listener
 * `[conserver]`.
 */
export type PlanStep =
  | {
      readonly action: 'add';
      readonly console: string;
    }
  | {
      readonly action: 'remove';
      readonly console: string;
    }
  | {
      readonly action: 'change';
      readonly console: string;
      /** The keys that differ. */
      readonly keys: readonly string[];
      /** At once, or with the next start of the process. */
      readonly effect: 'live' | 'restart';
    };

/** A step that could not be done. It is still in the plan. */
export interface FailedStep {
  readonly action: 'add' | 'remove' | 'change';
  readonly console: string;
  readonly reason: string;
}

/** A key of `[server]` that differs from what is in force. */
export interface ServerChange {
  /** Of `[server]`. */
  readonly key: string;
  /** At once, or with the next start of the server (no process is touched) or of the holder (all stop). */
  readonly effect: 'live' | 'server' | 'holder';
}

/** A mistake; a configuration with any is not applied at all. */
export interface ConfigProblem {
  readonly file: string;
  readonly line: number;
  /** If known. */
  readonly column?: number;
  /** Dotted, as in `console.vac-01.restart.holdoff`. */
  readonly key: string;
  readonly message: string;
}

/** A value of a console that differs between the files and what is in force. */
export interface PlanDifference {
  readonly console: string;
  /** `["log", "size"]`. */
  readonly path: readonly string[];
  /** In force, as it was written; absent: not set. */
  readonly from?: unknown;
  /** In the files; absent: not set. */
  readonly to?: unknown;
  /** Where the files set it; absent: it is the default, or was removed. */
  readonly place?: {
    readonly file: string;
    readonly line: number;
  };
  /** Its name says that it is a secret: neither value is shown as written. Absent: both are. */
  readonly hidden?: boolean;
}

/** The differences between the files and the running configuration. With problems there are no steps. */
export interface PlanResult {
  /**
   * For a plan from the files of the server: an apply with this id makes exactly these changes, or is refused
   * (`HF_PLAN_CHANGED`).
   */
  readonly id?: string;
  /** Of an apply: what was done. */
  readonly steps: readonly PlanStep[];
  /** Of an apply: the steps that could not be done. They are in the plan still; `steps` are those that were done. */
  readonly failed?: readonly FailedStep[];
  /** Only what is `live` is applied. */
  readonly server: readonly ServerChange[];
  readonly problems: readonly ConfigProblem[];
  /**
   * Of a plan by the files of the server: the values behind the `keys` of `steps`. A key has none where what differs is
   * not written in these files: what is in an `env_file`, a user of this system.
   */
  readonly differences?: readonly PlanDifference[];
  /** About what is left out: folders of consoles that cannot be read, or whose name a console cannot have. */
  readonly warnings?: readonly ConfigProblem[];
  /** Endpoints of existing consoles that could not be opened; opening them is retried. */
  readonly unopened?: readonly {
    readonly console: string;
    readonly endpoint: string;
    readonly reason: string;
  }[];
}

/** One value that holds for a console. */
export interface EffectiveKey {
  /** `["log", "size"]`. */
  readonly path: readonly string[];
  /** As written in the file. */
  readonly value: unknown;
  /** Where it is given; absent: it is the default. */
  readonly place?: {
    readonly file: string;
    readonly line: number;
  };
  /** By its name it is a secret: `value` is not what is in the file. Absent: it is. */
  readonly hidden?: boolean;
}

/** The configuration that is in force for a console. */
export interface RunningConsole {
  readonly name: string;
  /** Of its table, or of what found it. */
  readonly place: {
    readonly file: string;
    readonly line: number;
  };
  /** The folder of the `[discover.NAME]` that found it; absent: it is in a file. */
  readonly foundIn?: string;
  /** That it builds on, nearest first. */
  readonly templates: readonly string[];
  /** In the order of the reference page. */
  readonly keys: readonly EffectiveKey[];
  readonly description: string;
  /** As they are opened, with absolute paths. */
  readonly endpoints: readonly string[];
  /** Those of `endpoints` where nobody may do more than this; absent: none. */
  readonly bounded?: Readonly<Record<string, readonly Right[]>>;
}

/** The configuration that is in force, whatever the files say by now. */
export interface RunningConfig {
  /** That were read, in order. */
  readonly files: readonly string[];
  /** In the order of the files. */
  readonly consoles: readonly RunningConsole[];
}

/** The subject of an event. */
export type EventType =
  | 'state'
  | 'started'
  | 'notStarted'
  | 'ended'
  | 'attached'
  | 'detached'
  | 'writer'
  | 'note'
  | 'log'
  | 'config'
  | 'isis'
  | 'conserver'
  | 'login'
  | 'token'
  | 'network'
  | 'server'
  | 'holder';

/** One entry of the history, and a line of `events.jsonl`. Further properties depend on `type` and `what`. */
export interface EventInfo {
  readonly seq: number;
  readonly time: string;
  /** Absent: the server itself. `isis.NAME`: an ISIS server. */
  readonly console?: string;
  readonly type: EventType;
  /** Which of several things of this type; absent: there is but one, or only `text` says it. */
  readonly what?: string;
  /** One line for people. */
  readonly text: string;
  readonly by?: Principal;
  readonly from?: ProcessState;
  readonly to?: ProcessState;
  /** Of `state`: the event of the process that caused it. */
  readonly cause?: string;
  /** Of `started`, 0: a link; of a server that is up; of an init command. */
  readonly pid?: number;
  /** Of `started`: what went wrong at once. */
  readonly failure?: string;
  /** Of `notStarted`; of an init command that has ended; of a login that was refused. */
  readonly reason?: string;
  readonly death?: DeathInfo;
  /** Number of the session that came, left, or has the keyboard. */
  readonly session?: number;
  readonly before?: Principal;
  /** Of a break: its key. */
  readonly name?: string;
  /** Of a break: what it is. */
  readonly sequence?: string;
  /** Of a switched restart policy. */
  readonly mode?: string;
  /** Of a configuration that was applied. */
  readonly steps?: readonly PlanStep[];
  /** Of a configuration: what was not applied. */
  readonly failed?: readonly FailedStep[];
  /** Of `isis`: to whom `message` was sent. */
  readonly host?: string;
  readonly message?: string;
  /** Of a server that is up. */
  readonly version?: string;
  /** Of a server that is up. */
  readonly consoles?: number;
  /** Of a server that goes down: with holder and children. */
  readonly all?: boolean;
  /** Of a holder that was found: processes that live on. */
  readonly living?: number;
  /** Of a holder that was found: processes that ended with the last. */
  readonly ended?: number;
  readonly silence?: HolderSilence;
  /** Of a holder that answers again: how long it did not. */
  readonly afterSeconds?: number;
  /** Of a login: `password`, `token`, `certificate`. */
  readonly method?: string;
  /** Id of a token that was made or revoked. */
  readonly token?: string;
  /** The user of the token. */
  readonly user?: string;
  readonly until?: string;
}

/** Memory for output that waits for slow readers and logs. Bytes. */
export interface LagMemory {
  readonly most: number;
  readonly used: number;
  /** Shortage: how much was dropped, from when to when. */
  readonly short?: {
    readonly since: string;
    readonly last: string;
    readonly bytes: number;
  };
}

/** The server and its holder. */
export interface VersionInfo {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly node: string;
  readonly holder: {
    readonly pid: number;
    readonly version: string;
    readonly protocol: number;
    readonly startedAt: string;
    readonly silent?: HolderSilence;
    readonly lagMemory?: LagMemory;
  };
  readonly lagMemory?: LagMemory;
  readonly consoles: number;
  /** Unit of systemd that the server is; `socket`: the control socket is a unit too. */
  readonly service?: {
    readonly unit: string;
    readonly user: boolean;
    readonly socket: boolean;
  };
  /** Of the server. */
  readonly descriptors?: {
    readonly limit: number;
    readonly used: number;
    /** Connections have been refused since then; how many so far. */
    readonly short?: {
      readonly since: string;
      readonly refused: number;
    };
  };
  /** The door to the network. Absent: nothing listens there. */
  readonly network?: {
    /** The gateway runs, and answers. */
    readonly gateway: boolean;
    /** Addresses, with ports. */
    readonly listens: readonly string[];
    /** Addresses at which it cannot listen. */
    readonly failed: readonly {
      readonly at: string;
      readonly reason: string;
    }[];
    /** End of the certificate that is served. */
    readonly until?: string;
    /** A problem of its configuration, or of its files. */
    readonly trouble?: string;
    /** Passwords are a way to log in, and PAM has no service `holdfast`. */
    readonly lacksPam?: boolean;
  };
  readonly config: {
    readonly files: readonly string[];
    readonly changedOnDisk: boolean;
    /** The parts left out when it was applied; absent: none. */
    readonly leftOut?: readonly ConfigProblem[];
  };
}

/** One line of the answer to a search. Lines come merged by time. */
export type SearchItem =
  | {
      readonly kind: 'line';
      readonly console: string;
      /** Its own time, or that of a line shortly before it; null: unknown. */
      readonly time: string | null;
      readonly line: string;
      /** A line near a match. */
      readonly context: boolean;
      /** With context or `tail`: lines before this one are omitted. */
      readonly gap: boolean;
    }
  | {
      readonly kind: 'unsearched';
      readonly console: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'progress';
      readonly done: number;
      readonly all: number;
    }
  | {
      readonly kind: 'failed';
      readonly reason: string;
    };

/** A token, without what makes it one. */
export interface TokenInfo {
  /** Its name, which is not a secret. */
  readonly id: string;
  /** The user of the token. */
  readonly user: string;
  /** The most rights that it gives. Absent: all that its user has. */
  readonly may?: readonly Right[];
  /** The only consoles that it is for: names, patterns, `@group`. Absent: all, and the server itself. */
  readonly on?: readonly string[];
  /** It logs a browser in, once, and is good for nothing else. Absent: it is a token like others. */
  readonly once?: boolean;
  readonly until: string;
  /** Its purpose, as its creator put it. */
  readonly label?: string;
  readonly createdBy: string;
  readonly createdAt: string;
  /** Day, UTC. Absent: never. */
  readonly lastUsed?: string;
}

/** A token that was made. */
export interface NewToken extends TokenInfo {
  /** The token itself: it is said this once. */
  readonly token: string;
}

/** A rule or a limit of `[access]`. */
export interface AccessRule {
  readonly file: string;
  readonly line: number;
  readonly kind: 'rule' | 'limit';
  /** `vera`, `@vac-operators`, `channel:procserv`, `everyone`. */
  readonly who: readonly string[];
  /** A readable name for its subjects. */
  readonly label?: string;
  /** Names, patterns and `@groups` of consoles. */
  readonly on: readonly string[];
  /** The rights that a rule grants; the maximum that a limit leaves. Without those that come with others. */
  readonly may: readonly Right[];
  /** Whether an act by this rule takes a reason. */
  readonly reason?: 'asked' | 'required';
  /** `mon-fri 07:00-19:00`, by the clock of the host. */
  readonly hours?: string;
}

/** The grant of one rule. */
export interface AccessGrant {
  /** The rule that gives it: its index in `rules`. */
  readonly rule: number;
  /** The rights left by all limits. Without those that come with others. */
  readonly may: readonly Right[];
}

/** The rights of the user on each of these consoles, now. */
export interface AccessRights {
  /** ISIS servers as `isis.NAME`. */
  readonly consoles: readonly string[];
  /** It is about the server itself, and about no console. */
  readonly server: boolean;
  readonly grants: readonly AccessGrant[];
  /** Limits that apply: indices in `rules`. */
  readonly limits: readonly number[];
}

/** An action that the user may not do, with the text of the refusal. */
export interface AccessRefusal {
  /** `restart`, `force`: as in the audit. */
  readonly verb: string;
  /** Which right it takes, who has it, and whom to ask. */
  readonly detail: string;
}

/** Rights and their rules, as `holdfast access` prints them. */
export interface AccessInfo {
  /** The user who has these rights. */
  readonly user: string;
  /** Of a user that was asked for: whether this system has one of this name. */
  readonly account?: boolean;
  /** There is an `[access]`. Without it everybody who comes in may do everything. */
  readonly governed: boolean;
  /** No rule applies to this user, who may do everything within `bound`: root, or there is no `[access]`. */
  readonly unlimited: boolean;
  /** The only consoles that the way in leaves: names, patterns, `@group`. */
  readonly boundOn?: readonly string[];
  /** The most that the way in leaves, whatever rules say. Without those that come with others. */
  readonly bound?: readonly Right[];
  /** Whom to ask for a right. */
  readonly contact?: string;
  /** Equal ones in one; consoles of which nothing is allowed are left out. Empty for an unlimited user. */
  readonly rights: readonly AccessRights[];
  /** Those that `rights` names; with `everybody` all that are about the console. */
  readonly rules: readonly AccessRule[];
  /** With `console`: what the user may not do to it. */
  readonly refused?: readonly AccessRefusal[];
  /** A console was asked for, and `rules` are those about everybody: that takes the right `configure` or `admin`. */
  readonly everybody: boolean;
}

/** A way in that is open to many, or a rule that opens one: what `holdfast doctor` looks at. */
export interface Opening {
  /**
   * `endpoint`: of a console, beyond this host and without a login. `trusted`: networks whose word `[conserver]` takes
   * for a user. `proxy`: addresses of `[network.proxy]` at which every user of this machine can be one. `rule`: gives
   * much to people without a name. `nobody`: a rule names users or groups that this system does not know.
   */
  readonly kind: 'endpoint' | 'trusted' | 'proxy' | 'rule' | 'nobody';
  readonly console?: string;
  /** Of an endpoint: `0.0.0.0:20001`. */
  readonly at?: string;
  /** As in the rule; networks. */
  readonly who?: readonly string[];
  /** The rights of everyone who connects there. Without those that come with others. */
  readonly may?: readonly Right[];
  readonly file?: string;
  readonly line?: number;
}

/** An error (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Of the catalogue. */
  readonly code: string;
  /** With HF_BAD_CONFIG. */
  readonly problems?: readonly ConfigProblem[];
}
