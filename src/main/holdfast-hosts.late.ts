/** Loaded by `holdfast` when a host is named: the form of hosts.toml. */
export { hostsText, parseHosts } from '../grammar/holdfast/hosts.ts';
