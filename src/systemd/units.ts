/** The unit files and their company, for this installation: what `holdfast systemd units` writes and packages ship. */

export interface UnitsOptions {
  /** Absolute path of the folder with the programs. */
  readonly bin: string;
  /** For the manager of a user (`systemctl --user`), not of the machine. */
  readonly user: boolean;
}

export interface UnitFile {
  /** File name, in a folder where that says where it belongs (`sysusers.d/...`). */
  readonly name: string;
  readonly text: string;
}

/** Exit status of a configuration with errors (cli/holdfast/exit-codes.ts): trying again does not mend it. */
const BAD_CONFIG = 78;

/**
 * What the server needs of the machine, and no more. It opens endpoints for others (CHOWN, FOWNER, DAC_OVERRIDE), also below
 * port 1024 (NET_BIND_SERVICE), and kills what outlives a holder (KILL). `MemoryDenyWriteExecute=` is left out: V8 writes the code that it runs.
 */
const SERVER_SANDBOX = `NoNewPrivileges=yes
CapabilityBoundingSet=CAP_CHOWN CAP_FOWNER CAP_DAC_OVERRIDE CAP_KILL CAP_NET_BIND_SERVICE
ProtectSystem=strict
ReadWritePaths=/run
ProtectHome=read-only
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
RemoveIPC=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@resources
SystemCallErrorNumber=EPERM
DevicePolicy=closed
DeviceAllow=char-tty* rw
UMask=0022
`;

/** What takes nothing from an IOC; anything of this kind goes to the children too. */
const CHILDREN_SANDBOX = `ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectClock=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
`;

/** ISIS needs UDP, its configuration, its log and perhaps a serial line. */
const ISIS_SANDBOX = `NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=full
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
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
`;

export function unitFiles({ bin, user }: UnitsOptions): readonly UnitFile[] {
  const runtime = user ? '%t/holdfast' : '/run/holdfast';
  const wanted = user ? 'default.target' : 'multi-user.target';
  const sandbox = (text: string) => (user ? '' : `\n${text}`);
  const units: UnitFile[] = [
    {
      name: 'holdfast-holder.service',
      text: `[Unit]
Description=Holdfast: holds the consoles and their processes
After=${user ? 'basic.target' : 'network.target remote-fs.target nss-user-lookup.target'}
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart=${bin}/holdfast-holder ${runtime}/holder
# SIGTERM goes to the holder alone, which stops each process by its recipe. What is left then, or after TimeoutStopSec, is
# killed by the second line; where the holder died instead, it leaves the processes to the next one, which finds their
# terminals in systemd's store: two descriptors for each.
KillMode=process
ExecStopPost=${bin}/holdfast-holder --after ${runtime}/holder
FileDescriptorStoreMax=16384
TimeoutStopSec=90s
# Not always: \`holdfast down --all\` is to be the end of it.
Restart=on-failure
RestartSec=100ms
OOMPolicy=continue
OOMScoreAdjust=-500
RuntimeDirectory=holdfast
RuntimeDirectoryPreserve=yes
${user ? '' : 'StateDirectory=holdfast\nLogsDirectory=holdfast\n'}Delegate=yes
LimitNOFILE=65536
TasksMax=infinity
${sandbox(CHILDREN_SANDBOX)}
[Install]
WantedBy=${wanted}
`,
    },
    {
      name: 'holdfast.service',
      text: `[Unit]
Description=Holdfast: supervises and serves the consoles
# However often it is restarted: its processes wait for it.
StartLimitIntervalSec=0
# Not Requires=: a restart of the one would restart the other. The server waits for a holder that is away.
Wants=holdfast-holder.service
After=holdfast-holder.service holdfast.socket${user ? '' : ' network-online.target'}
${user ? '' : 'Wants=network-online.target\n'}
[Service]
Type=notify
ExecStart=${bin}/holdfast up --foreground --wait-for-holder
ExecReload=${bin}/holdfast reload
WatchdogSec=20s
# A wedged server needs no core file and no patience: its processes are elsewhere.
WatchdogSignal=SIGKILL
TimeoutStopSec=15s
# Not always: \`holdfast down\` is to be the end of it.
Restart=on-failure
RestartSec=500ms
RestartPreventExitStatus=${BAD_CONFIG}
RuntimeDirectory=holdfast
RuntimeDirectoryPreserve=yes
${user ? '' : 'StateDirectory=holdfast\nLogsDirectory=holdfast\nConfigurationDirectory=holdfast\nConfigurationDirectoryMode=0755\n'}LimitNOFILE=65536
${sandbox(SERVER_SANDBOX)}
[Install]
WantedBy=${wanted}
Also=holdfast-holder.service
`,
    },
    {
      name: 'holdfast.socket',
      text: `[Unit]
Description=Holdfast: control socket

[Socket]
# Optional: clients that come while the server is away wait for it instead of being refused. Owner, group and mode are
# these, and not control_group and control_mode of the configuration.
ListenStream=${runtime}/control
FileDescriptorName=control
${user ? 'SocketMode=0600' : 'SocketMode=0660\nSocketGroup=holdfast'}

[Install]
WantedBy=sockets.target
`,
    },
    {
      name: 'procserv@.service',
      text: `[Unit]
Description=Console of %i
After=${user ? 'basic.target' : 'network.target remote-fs.target'}
AssertPathExists=${user ? '%E/holdfast/procserv/%i' : '/etc/holdfast/procserv/%i'}

[Service]
# COMMAND= and, where wanted, OPTIONS= and DIRECTORY= come from this file; a drop-in gives User=.
Type=notify
EnvironmentFile=${user ? '%E/holdfast/procserv/%i' : '/etc/holdfast/procserv/%i'}
Environment=DIRECTORY=/
ExecStart=${bin}/procServ --foreground --name=%i --chdir=\${DIRECTORY} --info-file=%t/procserv-%i/info \\
  --logfile=${user ? '%S/procserv-%i.log' : '/var/log/procserv/%i.log'} --ignore=^D^C --logoutcmd=^Q \\
  --port=unix:%t/procserv-%i/control $OPTIONS $COMMAND
RuntimeDirectory=procserv-%i
${user ? '' : 'LogsDirectory=procserv\n'}KillMode=mixed
TimeoutStopSec=30s
Restart=on-failure
RestartSec=1s
${sandbox(CHILDREN_SANDBOX)}
[Install]
WantedBy=${wanted}
`,
    },
    {
      name: 'isis@.service',
      text: `[Unit]
Description=ISIS message server %i
After=${user ? 'basic.target' : 'network-online.target'}
${user ? '' : 'Wants=network-online.target\n'}
[Service]
ExecStart=${bin}/isis -d -f${user ? '%E/isis/%i.ini' : '/etc/isis/%i.ini'}
Restart=always
RestartSec=10s
${user ? '' : 'LogsDirectory=isis\n'}${sandbox(ISIS_SANDBOX)}
[Install]
WantedBy=${wanted}
`,
    },
  ];
  return user ? units : [...units, ...COMPANY];
}

/** Only for the machine's manager. */
const COMPANY: readonly UnitFile[] = [
  {
    name: 'sysusers.d/holdfast.conf',
    text: `# Members of this group may reach the control socket: see and restart every console.
g holdfast -
`,
  },
  {
    name: 'tmpfiles.d/holdfast.conf',
    text: `d /run/holdfast 0755 root root -
d /var/log/holdfast 0755 root root -
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
