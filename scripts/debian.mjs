// Debian packages that the tests drive: real telnet, socat, procServ... Installed only by root, only if there is apt,
// and with a message.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** PAM modules are looked up like programs. */
const MODULES = `/usr/lib/${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-gnu/security`;
const PATH = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin', MODULES];

/** Program -> package. */
const NEEDED = {
  telnet: 'telnet',
  socat: 'socat',
  procServ: 'procserv',
  console: 'conserver-client',
  conserver: 'conserver-server',
  ip: 'iproute2',
  logrotate: 'logrotate',
  strace: 'strace',
  tmux: 'tmux',
  zsh: 'zsh',
  fish: 'fish',
  mandoc: 'mandoc',
  'pam_pwdfile.so': 'libpam-pwdfile',
  pkcheck: 'polkitd',
  'ansible-playbook': 'ansible-core',
  'chromium-headless-shell': 'chromium-headless-shell',
  nginx: 'nginx-light',
};

function onPath(program) {
  return PATH.some((folder) => {
    try {
      accessSync(join(folder, program), program.endsWith('.so') ? constants.R_OK : constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Installs missing packages if permitted; the tests themselves say what they skip. */
export function installDebianPackages() {
  const missing = Object.entries(NEEDED).filter(([program]) => !onPath(program));
  if (missing.length === 0) {
    return;
  }
  const packages = missing.map(([, name]) => name);
  const allowed = process.getuid() === 0 && onPath('apt-get') && process.env.HOLDFAST_NO_INSTALL !== '1';
  if (!allowed) {
    process.stderr.write(`test: not installed, their tests will be skipped: ${packages.join(' ')}\n`);
    return;
  }
  process.stderr.write(`test: installing from Debian: ${packages.join(' ')} (HOLDFAST_NO_INSTALL=1 stops this)\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) =>
    spawnSync('apt-get', ['-qq', '-o=Dpkg::Use-Pty=0', ...args], { env, stdio: ['ignore', 'ignore', 2] });
  apt('update');
  if (apt('install', '-y', '--no-install-recommends', ...packages).status !== 0) {
    process.stderr.write('test: apt-get could not install them all; what is missing will be skipped\n');
  }
}
