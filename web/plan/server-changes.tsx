/** Keys of `[server]` that differ, and what each needs to take effect. */
import type { ServerChange, VersionInfo } from '../../src/model/api.ts';
import { serverChangeText } from '../../src/model/plan-text.ts';
import { host } from '../host.ts';
import { useAsked } from '../parts/asked.ts';
import { PLAN_TEXTS as TEXTS } from '../texts/plan.ts';

export function ServerChanges({ changes }: { readonly changes: readonly ServerChange[] }) {
  const { answer } = useAsked<VersionInfo>(() => host.version());
  return (
    <section class="warn">
      <h2>{TEXTS.server}</h2>
      <ul>
        {changes.map((change) => (
          <li key={change.key}>{serverChangeText(change, answer.value?.service)}</li>
        ))}
      </ul>
    </section>
  );
}
