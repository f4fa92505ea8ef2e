/** What `holdfast doctor` says of the door to the network. */
import type { VersionInfo } from '../../../model/api.ts';
import { local } from '../text/times.ts';
import type { Finding } from './doctor-checks.ts';

const CHECK = 'network';
/** A certificate that ends within this time should be renewed now. */
const SOON_MS = 21 * 86_400_000;
const RENEW = "renew it as its authority does; one of 'holdfast certificate init' by the same command again";

const PAM =
  "/etc/pam.d/holdfast, on Debian with '@include common-auth' and '@include common-account'; or leave 'password' out of `login` of [network]";

/** `now`: milliseconds since 1970. */
export function checkNetwork({ network }: Pick<VersionInfo, 'network'>, now: number): readonly Finding[] {
  if (network === undefined) {
    return [];
  }
  const { failed, gateway, lacksPam, listens, trouble, until } = network;
  const findings: Finding[] = [];
  const fail = (text: string, fix: string) => findings.push({ check: CHECK, verdict: 'failed', text, fix });
  if (trouble !== undefined) {
    fail(trouble, "tried again every 30 s; 'holdfast reload' tries at once");
  }
  if (!gateway && trouble === undefined) {
    fail('the gateway does not run', "'systemctl status holdfast-gateway', or 'holdfast events', says why");
  }
  for (const { at, reason } of failed) {
    fail(
      `the gateway cannot listen at ${at}: ${reason}`,
      "'ss -tlp' shows who does; `listen` of [network] names another",
    );
  }
  if (lacksPam) {
    const text = 'PAM has no service holdfast: passwords are mostly refused';
    findings.push({ check: CHECK, verdict: 'warning', text, fix: PAM });
  }
  if (listens.length > 0) {
    const who = 'open to everybody who logs in, for what [access] gives';
    findings.push({ check: CHECK, verdict: 'ok', text: `listens at ${listens.join(', ')}: ${who}` });
  }
  if (until !== undefined) {
    const left = Date.parse(until) - now;
    const end = `certificate: ${left < 0 ? 'ended' : 'ends'} ${local(until)}`;
    findings.push(
      left > SOON_MS
        ? { check: CHECK, verdict: 'ok', text: end }
        : { check: CHECK, verdict: left < 0 ? 'failed' : 'warning', text: end, fix: RENEW },
    );
  }
  return findings;
}
