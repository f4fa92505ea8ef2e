/** Examples of every command, for help and man pages. A test parses each as its command does. */
import type { Example } from '../../../model/command-line.ts';

export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  ps: [
    ['holdfast ps', 'all consoles, those in trouble first'],
    ["holdfast ps --watch 'vac-*'", 'those of a pattern, until Ctrl-C'],
    ['holdfast ps --state crash-looping --json', 'for a script'],
  ],
  status: [['holdfast status vac-01', 'command, endpoints, log, who is on it']],
  why: [['holdfast why vac-01', 'how it ended, its last lines, who did what']],
  attach: [
    ['holdfast attach vac-01', 'look; ^] t takes the keyboard, ^] d leaves'],
    ['holdfast attach --write vac-01', 'type at once'],
    ['echo dbl | holdfast attach --write --lines 0 vac-01', 'send a line, print what follows'],
  ],
  watch: [["holdfast watch 'vac-*' cryo", 'several consoles, a name before each line']],
  logs: [
    ['holdfast logs vac-01 --lines 200', 'the last 200 lines'],
    ['holdfast logs vac-01 --since 03:10 --until 03:20', 'what it said that night'],
    ['holdfast logs -f vac-01', 'and what follows'],
  ],
  grep: [
    ["holdfast grep -i 'timeout' --since 2h", 'in the logs of all consoles'],
    ["holdfast grep -C 3 -c 'vac-*' Interlock", 'with three lines around each hit'],
  ],
  events: [
    ['holdfast events vac-01', 'what happened to it lately'],
    ['holdfast events -f', 'what happens, until Ctrl-C'],
  ],
  audit: [
    ['holdfast audit --since 2h --user vera', 'what she did'],
    ['holdfast audit --verify', 'whether anybody has changed a line'],
  ],
  start: [
    ['holdfast start vac-01', 'start it, or try again'],
    ["holdfast start --yes 'vac-*'", 'several, without a question'],
  ],
  stop: [['holdfast stop vac-01 --reason "new valve"', 'stop it by its recipe; it stays down']],
  restart: [
    ['holdfast restart vac-01', 'stop it, and start it again'],
    ["holdfast restart --yes '*'", 'all of them'],
  ],
  send: [["holdfast send 'vac-*' dbl", 'one line to several consoles, and what each answers']],
  top: [['holdfast top', 'all consoles on a full screen, ? for its keys']],
  signal: [['holdfast signal vac-01 --signal USR1', 'to its process group']],
  hold: [
    ['holdfast hold vac-01 --reason "pump is out" --for 2h', 'down for two hours'],
    ['holdfast hold --group cryo --until 06:00 --reason shutdown', 'a whole group until the morning'],
  ],
  release: [['holdfast release vac-01', 'end the hold; it is started if it was up']],
  isis: [
    ['holdfast isis', 'the ISIS servers'],
    ['holdfast isis hosts mods1', 'who is connected to one'],
    ['holdfast isis send mods1 MC1 status', 'a request, and its reply'],
    ['holdfast isis watch --type error,fatal', 'what goes wrong, as it happens'],
  ],
  up: [
    ['holdfast up', 'the server, with the configuration in its usual place'],
    ['holdfast up --foreground --config ./holdfast.toml', 'to try a configuration'],
  ],
  down: [
    ['holdfast down', 'end the server; the processes go on'],
    ['holdfast down --all', 'stop them too'],
  ],
  check: [
    ['holdfast check', 'all mistakes in the configuration, without a server'],
    ['holdfast check --config ./holdfast.toml', 'of another file'],
  ],
  show: [['holdfast show vac-01 --origin', 'what holds for a console, and where each key comes from']],
  init: [
    ['holdfast init', 'a configuration to begin with, and what this host has already'],
    ['holdfast init --stdout', 'only print it'],
  ],
  plan: [
    ['holdfast plan', 'what a reload would change'],
    ['holdfast plan -c ./new.toml', 'what would change with this file instead'],
  ],
  reload: [['holdfast reload', 'apply the files; no process is restarted']],
  import: [
    ['holdfast import procserv', 'what manage-procs has, as holdfast.toml'],
    ['holdfast import conserver /etc/conserver/conserver.cf --write', 'into conf.d'],
  ],
  export: [['holdfast export conserver --host=ioc1', 'for a conserver on another machine']],
  access: [
    ['holdfast access', 'what you may do'],
    ['holdfast access vac-01', 'who may do what there, and by which rule'],
  ],
  doctor: [['holdfast doctor', 'what may go wrong, and how to mend it']],
  systemd: [['holdfast systemd units --out /etc/systemd/system', 'units for this installation']],
  login: [
    ['holdfast login ioc1.example.org', 'log in with the password there'],
    ['holdfast login', 'where you are logged in'],
  ],
  logout: [['holdfast logout ioc1', 'end the login, and forget the host']],
  token: [
    ['holdfast token create --for 30d --may read --label dashboard', 'for a program that only reads'],
    ['holdfast token list', 'those there are'],
  ],
  certificate: [['holdfast certificate init --host ioc1.example.org', 'an authority and a certificate of this host']],
  completion: [
    ['source <(holdfast completion bash)', 'for this shell'],
    ['holdfast completion fish > ~/.config/fish/completions/holdfast.fish', 'for good'],
  ],
  version: [['holdfast version', 'versions of program, server and holder']],
  help: [['holdfast help attach', 'usage, options and examples of a command']],
};
