/** README, guides and reference: every command in a console block is run, and must print what the page shows. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { holdfastToml } from '../../src/grammar/holdfast/holdfast-toml.ts';
import { ConfigTables } from '../../src/grammar/holdfast/tables.ts';
import { type Block, blocksOf, worldOf } from '../harness/guide.ts';
import { GuideWorld, type PageOptions } from '../harness/guide-world.ts';
import { missing } from '../harness/machine.ts';

interface Page extends PageOptions {
  readonly needs?: readonly string[];
}

const ROOT = join(import.meta.dirname, '../..');

/** The beginning of a configuration whose folders are below FOLDER. */
const HEAD = `
head() { printf '[server]\\nruntime_dir = "%s/run"\\nstate_dir = "%s/state"\\nlog_dir = "%s/log"\\n' $1 $1 $1; cat <<'END'
[template.ioc]
run = ["/opt/holdfast/examples/sim-ioc", "{name}"]
END
}`;

/** Three addresses stand for three hosts. */
const THREE_HOSTS = `${HEAD}
holdfast down --all --yes --socket /tmp/hf-c/run/control
printf '127.0.0.2 ioc-a\\n127.0.0.3 ioc-b\\n127.0.0.4 ioc-c\\n' >>/etc/hosts
begin() {
  local name=$1 address=$2
  shift 2
  mkdir /tmp/$name
  { head /tmp/$name; printf '[console]\\n'; printf '%s = { template = "ioc" }\\n' "$@"; } >/tmp/$name/holdfast.toml
  sed -e "s/0\\.0\\.0\\.0/$address/" -e 's/10\\.1\\.0\\.0.16/127.0.0.0\\/8/' /tmp/hosts.toml >>/tmp/$name/holdfast.toml
  holdfast up -c /tmp/$name/holdfast.toml
}
begin ioc-a 127.0.0.2 vac-01 vac-02
begin ioc-b 127.0.0.3 rf-01
begin ioc-c 127.0.0.4 bpm-01
`;
const WITH_CF = `${HEAD}
ip address add 10.0.0.7/32 dev lo
socat TCP-LISTEN:2003,bind=10.0.0.7,fork EXEC:cat >/dev/null 2>&1 &
mkdir /tmp/hf-f
{ head /tmp/hf-f; cat /tmp/cf.toml; } >/tmp/hf-f/holdfast.toml
for name in b c; do holdfast down --all --yes --socket /tmp/ioc-$name/run/control; done
`;

/** The folder has a different name each time; the page uses a link to it. */
const NPM_START = `
build/node scripts/start.mjs >/tmp/npm-start.log 2>&1 </dev/null &
until grep -q 'Ctrl-C here ends all' /tmp/npm-start.log; do sleep 0.05; done
ln -s /tmp/holdfast-demo-* /tmp/holdfast-demo-pfR0Fh
`;

const IMPORT_FILES = `
mkdir -p etc/procServ.d hf
printf '%s\\n' '[rf]' 'command = softIoc -d rf.db' 'chdir = /opt/iocs/rf' 'port = 20011' 'host = other-host' >etc/procServ.d/rf.conf
printf '%s\\n' '' '[vac]' "command = /opt/iocs/vac/st.cmd -p 'sector 3'" 'chdir = /opt/iocs/vac' 'user = iocuser' 'group = iocgroup' \\
  'environment = "EPICS_CA_ADDR_LIST=10.0.0.255" "HOST=%%H"' >etc/procServ.d/vac.conf
printf '%s\\n' '[vac]' 'chdir = /' 'user = %(top)s' >bad.conf
`;

const ISIS_SERVER = `
mkdir node_modules; ln -s /opt/holdfast node_modules/holdfast
{ printf '[server]\\nruntime_dir = "/tmp/r"\\nstate_dir = "/tmp/s"\\nlog_dir = "/tmp/l"\\n[isis.mods1]\\n'
  printf '[console]\\nfilter = { run = "/opt/holdfast/build/node /opt/holdfast/examples/isis-agent.ts" }\\n'; } >holdfast.toml
holdfast up -c holdfast.toml
until holdfast isis hosts --socket /tmp/r/control | grep -q DEMO.FW; do sleep 0.05; done
`;

const OPERATORS = `
groupadd vac-operators; groupadd controls; useradd -m -d /tmp/vera -G vac-operators vera; mkdir -p /etc/holdfast
useradd --system --no-create-home holdfast-gateway
echo vera:secret | chpasswd
printf '@include common-auth\\n@include common-account\\n' >/etc/pam.d/holdfast
`;

/** What IOCs say, as their own output; the log of one of them is rotated twice by it. */
const LUNCH = `
terminal_of() { echo /proc/$(pgrep -f "^python3 .*sim-ioc $1 ")/fd/1; }
say() { printf '\\nInterlock: %s\\n' "$2" >$(terminal_of $1); }
much() {
  seq -f 'VGP-05: reading %06.0f' 30000 >$(terminal_of vac-05)
  until test -e /var/log/holdfast/vac-05.log.$1.gz; do sleep 0.05; done
}
say vac-05 'VGP-05 above 1e-5 mbar, valve V5 closed'
much 1
say rf-02 'vacuum of cavity 2 is bad, RF off'
much 2
say vac-05 'VGP-05 is well again'
`;

const pages: Readonly<Record<string, Page>> = {
  'README.md': {
    needs: ['telnet', 'socat', 'python3'],
    directory: '/opt/holdfast',
    scripts: { 'npm-start': NPM_START },
  },
  'docs/guide/a-day.md': {
    needs: ['python3'],
    prepare: 'bash /opt/holdfast/test/harness/day-world.sh',
    scripts: { lunch: LUNCH },
  },
  'docs/guide/access.md': { needs: ['openssl'], prepare: OPERATORS },
  'docs/guide/host-server.md': { needs: ['python3'] },
  'docs/guide/import.md': {
    prepare: 'mkdir /tmp/import-doc',
    directory: '/tmp/import-doc',
    scripts: { 'import-files': IMPORT_FILES },
  },
  'docs/guide/isis.md': {},
  'docs/reference/isis.md': {
    needs: ['node'],
    prepare: 'mkdir /tmp/mc1',
    directory: '/tmp/mc1',
    scripts: { 'isis-server': ISIS_SERVER },
  },
  'docs/guide/procServ.md': { directory: '/opt/holdfast' },
  'docs/guide/conserver.md': {
    needs: ['console', 'openssl', 'socat'],
    prepare: 'useradd --no-create-home ann; mkdir -p /etc/holdfast',
    scripts: { 'three-hosts': THREE_HOSTS, 'with-cf': WITH_CF },
  },
};

/** Run by systemd-guide.test.ts, in a systemd. */
const IN_SYSTEMD = 'docs/guide/systemd.md';
/** Number of blocks that give a reason why they cannot be run: none is added unnoticed. */
const NOT_RUN = {
  'docs/guide/conserver.md': 1,
  'docs/guide/host-server.md': 1,
  'docs/guide/systemd.md': 1,
  'docs/guide/systemd-holder.md': 3,
};

const everyPage = ['README.md', ...['docs', 'docs/guide', 'docs/reference'].flatMap(markdown)];

function markdown(folder: string): string[] {
  return readdirSync(join(ROOT, folder)).flatMap((name) => (name.endsWith('.md') ? [join(folder, name)] : []));
}

function blocks(path: string): Block[] {
  return blocksOf(readFileSync(join(ROOT, path), 'utf8'));
}

test('every block with commands is run, or says why it is not', () => {
  const reasons: Record<string, number> = {};
  for (const path of everyPage) {
    const consoles = blocks(path).filter(({ language }) => language === 'console');
    const told = consoles.filter(({ marks }) => marks.has('not run'));
    if (told.length > 0) {
      reasons[path] = told.length;
    }
    for (const { marks } of told) {
      assert.ok((marks.get('not run') ?? '').length > 20, `${path}: the reason is too short`);
    }
    assert.ok(told.length === consoles.length || path in pages || path === IN_SYSTEMD, `${path} is run by no test`);
    const hidden = readFileSync(join(ROOT, path), 'utf8').match(/^ {4}[$#] (holdfast|bin\/|console|isis|procServ).*/m);
    assert.equal(hidden, null, `${path}: commands stand in blocks that begin with \`\`\`console`);
  }
  assert.deepEqual(reasons, NOT_RUN);
  const world = blocksOf(worldOf(readFileSync(join(ROOT, IN_SYSTEMD), 'utf8')));
  assert.equal(world.length, blocks(IN_SYSTEMD).length, 'the world of the systemd page is all of the page');
});

test('every configuration of the guides is valid', () => {
  let found = 0;
  for (const path of everyPage.filter((each) => each.startsWith('docs/guide/'))) {
    for (const { text } of blocks(path).filter(({ language }) => language === 'toml')) {
      found += 1;
      // With the template and the rules that a page may have shown above, and without problems that need an actual file.
      const template = /^\[template\.ioc\]/m.test(text) ? '' : '[template.ioc]\nrun = ["true"]\n';
      const around = `${template}${/^\[+access/m.test(text) ? '' : '[access]\n'}`;
      const tables = new ConfigTables([{ file: 'page.toml', text: around + text.replace(/^(cf|ini) = .*/gm, '') }]);
      const read = holdfastToml({ tables, directories: { runtimeDir: '/run/h', stateDir: '/s' }, found: new Map() });
      assert.deepEqual(read.problems ?? [], [], `${path}:\n${text}`);
    }
  }
  assert.ok(found > 6, `${found}`);
});

/** Part of a path, to run only that page. */
const only = process.env.HOLDFAST_PAGE;

// The pages mostly wait.
suite('pages', { concurrency: 3 }, () => {
  for (const [path, { needs = [], ...options }] of Object.entries(pages)) {
    const skip = missing(...needs) || (only !== undefined && !path.includes(only) && `not ${only}`);
    test(`${path} is true`, { skip }, async (t) => {
      const world = await GuideWorld.make(t, options);
      for (const block of world ? blocks(path).filter(({ marks }) => !marks.has('not run')) : []) {
        await world?.follow(block);
      }
    });
  }
});
