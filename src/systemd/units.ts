/** The unit files and related files for this installation: written by `holdfast systemd units`, shipped in packages. */
import { SYSTEM, USER, unit, word } from './unit-text.ts';

export interface UnitsOptions {
  /** Absolute path of the folder with the programs. */
  readonly bin: string;
  /** For the manager of a user (`systemctl --user`), not of the machine. */
  readonly user: boolean;
}

export interface UnitFile {
  /** File name, with a folder if that determines its place (`sysusers.d/...`). */
  readonly name: string;
  readonly text: string;
}

/** Exit status of a configuration with errors (cli/holdfast/exit-codes.ts): trying again does not help. */
const BAD_CONFIG = 78;
const CHANGES = 2;

/** Sandboxing for services that never start user processes. */
const KERNEL_SANDBOX = `
NoNewPrivileges=yes
PrivateMounts=yes
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@resources
# To step back behind the consoles, as a search of logs does.
SystemCallFilter=setpriority
SystemCallErrorNumber=EPERM`;

/** AF_NETLINK: getifaddrs(3), by which a conserver listener knows its own names. */
const SANDBOX = `${KERNEL_SANDBOX}
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
DevicePolicy=closed
DeviceAllow=char-tty* rw`;

/**
 * The capabilities that the server needs, and no more. It opens endpoints for other users (CHOWN, FOWNER,
 * DAC_OVERRIDE), also below port 1024 (NET_BIND_SERVICE), and kills what outlives a holder (KILL).
 * `MemoryDenyWriteExecute=` is left out: V8 writes the code that it runs.
 */
const SERVER_SANDBOX = `${SANDBOX}
CapabilityBoundingSet=CAP_CHOWN CAP_FOWNER CAP_DAC_OVERRIDE CAP_KILL CAP_NET_BIND_SERVICE
ProtectSystem=strict
ReadWritePaths=/run
ProtectHome=read-only
RemoveIPC=yes
UMask=0022`;

/** Restrictions that take nothing from an IOC; settings of this kind apply to the children too. */
const CHILDREN_SANDBOX = `
CapabilityBoundingSet=~CAP_BLOCK_SUSPEND CAP_BPF CAP_LEASE CAP_LINUX_IMMUTABLE CAP_MAC_ADMIN CAP_MAC_OVERRIDE
CapabilityBoundingSet=~CAP_SYS_BOOT CAP_SYS_MODULE CAP_SYS_PACCT CAP_SYS_TTY_CONFIG CAP_SYSLOG CAP_WAKE_ALARM
SystemCallFilter=~@cpu-emulation @module @obsolete @reboot @swap
SystemCallErrorNumber=EPERM
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectClock=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native`;

/** ISIS needs UDP, its configuration, its log and perhaps a serial line. */
const ISIS_SANDBOX = `${SANDBOX}
CapabilityBoundingSet=
ProtectSystem=full
ProtectProc=invisible
ProcSubset=pid`;

/**
 * Strangers reach it: nothing of the host is its own but a socket of the server below /run/holdfast. The capability is for a port
 * below 1024.
 */
const GATEWAY_SANDBOX = `${KERNEL_SANDBOX}
SystemCallFilter=~@privileged
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProcSubset=pid
RemoveIPC=yes
UMask=0077
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
MemoryMax=512M
TasksMax=64
LimitNOFILE=8192`;

export function unitFiles({ bin, user }: UnitsOptions): readonly UnitFile[] {
  const { after, wantedBy } = user ? USER : SYSTEM;
  const program = (name: string) => word(`${bin}/${name}`);
  const system = (text: string) => !user && text;
  const units: UnitFile[] = [
    {
      name: 'holdfast-holder.service',
      text: unit`[Unit]
Description=Holdfast: holds the consoles and their processes
After=${after}
${system('After=nss-user-lookup.target')}
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart=${program('holdfast-holder')} %t/holdfast/holder
# SIGTERM goes to the holder alone, which stops each process by its recipe. Whatever remains then, or after TimeoutStopSec, is
# killed by the second line; where the holder died instead, it leaves the processes to the next one, which finds their
# terminals in systemd's store: two descriptors for each.
KillMode=process
ExecStopPost=${program('holdfast-holder')} --after %t/holdfast/holder
FileDescriptorStoreMax=8192
TimeoutStopSec=90s
# Not always: after \`holdfast down --all\` it must stay down.
Restart=on-failure
RestartSec=100ms
OOMPolicy=continue
OOMScoreAdjust=-500
RuntimeDirectory=holdfast
RuntimeDirectoryPreserve=yes
${system('StateDirectory=holdfast\nLogsDirectory=holdfast\nLogsDirectoryMode=0750')}
Delegate=yes
LimitNOFILE=65536
TasksMax=infinity
${system(CHILDREN_SANDBOX)}

[Install]
WantedBy=${wantedBy}
`,
    },
    {
      name: 'holdfast.service',
      text: unit`[Unit]
Description=Holdfast: supervises and serves the consoles
# However often it is restarted: its processes wait for it.
StartLimitIntervalSec=0
# Not Requires=: a restart of the one would restart the other. The server waits for a holder that is away.
Wants=holdfast-holder.service
After=holdfast-holder.service holdfast.socket
${system('Wants=holdfast-gateway.path')}
${system('Wants=network-online.target\nAfter=network-online.target')}

[Service]
Type=notify
ExecStart=${program('holdfast')} up --foreground --wait-for-holder
# Its status 2 is "done, and there was something to do", which systemd would take for a failure.
ExecReload=/bin/sh -c '"$$0" reload || test $$? -eq ${String(CHANGES)}' ${program('holdfast')}
WatchdogSec=20s
# A hung server needs no core file and no delay: its processes are elsewhere.
WatchdogSignal=SIGKILL
TimeoutStopSec=15s
# Not always: after \`holdfast down\` it must stay down.
Restart=on-failure
RestartSec=500ms
RestartPreventExitStatus=${String(BAD_CONFIG)}
RuntimeDirectory=holdfast
RuntimeDirectoryPreserve=yes
${system('StateDirectory=holdfast\nLogsDirectory=holdfast\nLogsDirectoryMode=0750\nConfigurationDirectory=holdfast')}
LimitNOFILE=65536
${system('# holdfast-gateway.service is what speaks to the network, if the configuration says so.\nEnvironment=HOLDFAST_GATEWAY=unit')}
${system(SERVER_SANDBOX)}

[Install]
WantedBy=${wantedBy}
Also=holdfast-holder.service
`,
    },
    {
      name: 'holdfast.socket',
      text: unit`[Unit]
Description=Holdfast: control socket

[Socket]
# Optional: clients that come while the server is away wait for it instead of being refused. Owner, group and mode are
# these, and not control_group and control_mode of the configuration.
ListenStream=%t/holdfast/control
FileDescriptorName=control
${user ? 'SocketMode=0600' : 'SocketMode=0660\nSocketGroup=holdfast'}

[Install]
WantedBy=sockets.target
`,
    },
    {
      name: 'procserv@.service',
      text: unit`[Unit]
Description=Console of %i
After=${after}
AssertPathExists=%E/holdfast/procserv/%i

[Service]
# COMMAND= and, where wanted, OPTIONS= and DIRECTORY= come from this file; a drop-in gives User=.
Type=notify
EnvironmentFile=%E/holdfast/procserv/%i
Environment=DIRECTORY=/
ExecStart=${program('procServ')} --foreground --name=%i --chdir=\${DIRECTORY} --info-file=%t/procserv-%i/info \\
  --logfile=${user ? '%S/procserv-%i.log' : '%L/procserv/%i.log'} --ignore=^D^C --logoutcmd=^Q \\
  --port=unix:%t/procserv-%i/control $OPTIONS $COMMAND
RuntimeDirectory=procserv-%i
${system('LogsDirectory=procserv')}
KillMode=mixed
TimeoutStopSec=30s
Restart=on-failure
RestartSec=1s
${system(CHILDREN_SANDBOX)}

[Install]
WantedBy=${wantedBy}
`,
    },
    {
      name: 'isis@.service',
      text: unit`[Unit]
Description=ISIS message server %i
After=${user ? after : 'network-online.target'}
${system('Wants=network-online.target')}

[Service]
ExecStart=${program('isis')} -d -f%E/isis/%i.ini
Restart=always
RestartSec=10s
${system('LogsDirectory=isis')}
${system(ISIS_SANDBOX)}

[Install]
WantedBy=${wantedBy}
`,
    },
  ];
  return user ? units : [...units, ...gatewayUnits(program('holdfast-gateway')), ...COMPANY];
}

/** The server makes the socket where the configuration has `[network]`; then the gateway is started, and again whenever it has ended. */
function gatewayUnits(program: string): readonly UnitFile[] {
  return [
    {
      name: 'holdfast-gateway.service',
      text: unit`[Unit]
Description=Holdfast: speaks to the network
After=holdfast.service
PartOf=holdfast.service
StartLimitIntervalSec=0

[Service]
# Told everything by the server, over this socket. It ends with the server, and where there is no \`[network]\`.
ExecStart=${program} %t/holdfast/gateway
User=holdfast-gateway
# For sockets of its own: listen = ["unix:/run/holdfast-gateway/http"].
RuntimeDirectory=holdfast-gateway
Restart=on-failure
RestartSec=1s
OOMScoreAdjust=500
Nice=10
${GATEWAY_SANDBOX}
`,
    },
    {
      name: 'holdfast-gateway.path',
      text: unit`[Unit]
Description=Holdfast: whether anything listens to the network
PartOf=holdfast.service
StartLimitIntervalSec=0

[Path]
PathExists=%t/holdfast/gateway
`,
    },
  ];
}

/** Only for the machine's manager: the server of a user starts its gateway itself. */
const COMPANY: readonly UnitFile[] = [
  {
    name: 'sysusers.d/holdfast.conf',
    text: `# Members of this group may reach the control socket: see and restart every console.
g holdfast -
# Has no rights: what the network sends is read by a process of this user.
u holdfast-gateway - "Holdfast gateway"
`,
  },
  {
    name: 'tmpfiles.d/holdfast.conf',
    text: `d /run/holdfast 0755 root root -
d /var/log/holdfast 0750 root root -
`,
  },
  {
    name: 'polkit-1/rules.d/60-holdfast.rules',
    text: `// An example: members of the group may start, stop and restart the one-process consoles, and nothing else, without sudo.
polkit.addRule(function (action, subject) {
  if (action.id === "org.freedesktop.systemd1.manage-units" &&
      /^(procserv|ioc)@[A-Za-z0-9:._-]+\\.service$/.test(action.lookup("unit")) &&
      ["start", "stop", "restart"].indexOf(action.lookup("verb")) >= 0 &&
      subject.isInGroup("holdfast")) {
    return polkit.Result.YES;
  }
});
`,
  },
];
