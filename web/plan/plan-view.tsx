/** The differences between the files and what runs, console by console, and the button to apply them. */
import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { PlanDifference, PlanResult } from '../../src/model/api.ts';
import { problemText } from '../../src/model/config-problem.ts';
import { entryText, type PlanAct, type PlanEntry, planEntries, unopenedText } from '../../src/model/plan-text.ts';
import { askForFiles } from '../files-differ.ts';
import { host } from '../host.ts';
import { consoleNamed } from '../list/table.ts';
import { now } from '../now.ts';
import { useAsked } from '../parts/asked.ts';
import { ConsoleName } from '../parts/console-name.tsx';
import { PLAN_TEXTS as TEXTS } from '../texts/plan.ts';
import { Applied, ApplyDialog } from './apply.tsx';
import { ServerChanges } from './server-changes.tsx';

/** Files change while the view is open. */
const STEP_MS = 30_000;
/** Most consoles per group, and values per console. */
const MOST = 200;
/** Changes that stop something come first. */
const ORDER = ['remove', 'replace', 'change', 'add'] as const satisfies readonly PlanAct[];

interface Seen {
  readonly plan: PlanResult;
  /** Wall time, milliseconds. */
  readonly at: number;
}

export function PlanView() {
  const { again, answer, fault, isAsking } = useAsked<Seen>(async () => ({ plan: await host.plan(), at: now.peek() }));
  const isOpen = useSignal(false);
  const done = useSignal<PlanResult | undefined>(undefined);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible' && !isOpen.peek()) {
        void again();
      }
    }, STEP_MS);
    return () => clearInterval(timer);
  }, []);
  useSignalEffect(() => {
    // Somebody else has applied it, or there are mistakes by now: nothing is left to be asked.
    if (isOpen.value && countOf(answer.value?.plan) === 0) {
      isOpen.value = false;
    }
  });
  const seen = answer.value;
  const count = seen ? countOf(seen.plan) : 0;
  return (
    <main class="plan">
      <div class="place">
        <h1>{TEXTS.title}</h1>
        <span class="description">{TEXTS.about}</span>
        <span class="tools">
          {seen && <small>{TEXTS.asOf(seen.at)}</small>}
          <button type="button" disabled={isAsking.value} onClick={() => void again()}>
            {TEXTS.again}
          </button>
          <button
            type="button"
            class="main"
            disabled={count === 0 || isAsking.value || fault.value !== undefined}
            title={fault.value?.message}
            onClick={() => {
              // The dialog is about the files as they are now.
              void again().then(() => {
                isOpen.value = fault.peek() === undefined;
              });
            }}
          >
            {TEXTS.apply}
          </button>
        </span>
      </div>
      <div class="scrolls">
        <div role="status">
          {fault.value && (
            <p class="away">{seen ? TEXTS.stale(fault.value.message) : TEXTS.fault(fault.value.message)}</p>
          )}
          {!seen && !fault.value && <p class="nothing">{TEXTS.asking}</p>}
          {done.value && <Applied result={done.value} />}
        </div>
        {seen && <Plan plan={seen.plan} />}
      </div>
      <ApplyDialog
        isOpen={isOpen}
        plan={seen?.plan}
        changed={() => void again()}
        done={(result) => {
          // With mistakes nothing is applied: they are in the plan.
          done.value = result.problems.length === 0 ? result : undefined;
          void again();
          void askForFiles();
        }}
      />
    </main>
  );
}

/** Changes that apply makes. */
function countOf(plan: PlanResult | undefined): number {
  return plan && plan.problems.length === 0
    ? plan.steps.length + plan.server.filter(({ effect }) => effect === 'live').length
    : 0;
}

function Plan({ plan }: { readonly plan: PlanResult }) {
  const { problems, server, steps, unopened = [], warnings = [] } = plan;
  const entries = planEntries(steps);
  const differences = byConsole(plan.differences ?? []);
  if (problems.length > 0) {
    return (
      <section class="bad">
        <h2>{TEXTS.mistakes(problems.length)}</h2>
        <Lines lines={problems.map(problemText)} />
      </section>
    );
  }
  return (
    <>
      {entries.length + server.length === 0 && <p class="nothing">{TEXTS.nothing}</p>}
      {ORDER.map((act) => (
        <Group key={act} act={act} entries={entries.filter((each) => each.act === act)} differences={differences} />
      ))}
      {server.length > 0 && <ServerChanges changes={server} />}
      {warnings.length > 0 && (
        <section class="warn">
          <h2>{TEXTS.warnings}</h2>
          <Lines lines={warnings.map(problemText)} />
        </section>
      )}
      {unopened.length > 0 && (
        <section class="warn">
          <h2>{TEXTS.unopened}</h2>
          <Lines lines={unopened.map(unopenedText)} />
        </section>
      )}
    </>
  );
}

function byConsole(differences: readonly PlanDifference[]): ReadonlyMap<string, readonly PlanDifference[]> {
  const found = new Map<string, PlanDifference[]>();
  for (const each of differences) {
    const some = found.get(each.console);
    some ? some.push(each) : found.set(each.console, [each]);
  }
  return found;
}

interface GroupProps {
  readonly act: PlanAct;
  readonly entries: readonly PlanEntry[];
  readonly differences: ReadonlyMap<string, readonly PlanDifference[]>;
}

const TONES = { remove: 'bad', replace: 'warn', change: 'busy', add: 'good' } as const;

function Group({ act, differences, entries }: GroupProps) {
  return entries.length === 0 ? null : (
    <section class={TONES[act]}>
      <h2>
        {TEXTS.groups[act]} <small>{entries.length}</small>
      </h2>
      <ul>
        {entries.slice(0, MOST).map((entry) => (
          <li key={entry.console}>
            <ConsoleName name={entry.console} console={consoleNamed(entry.console)} /> <span>{entryText(entry)}</span>
            <Values differences={differences.get(entry.console) ?? []} />
          </li>
        ))}
      </ul>
      <More count={entries.length - MOST} />
    </section>
  );
}

function Values({ differences }: { readonly differences: readonly PlanDifference[] }) {
  return differences.length === 0 ? null : (
    <>
      <table>
        <thead>
          <tr>
            <th scope="col">{TEXTS.key}</th>
            <th scope="col">{TEXTS.runs}</th>
            <th scope="col">{TEXTS.files}</th>
            <th scope="col">{TEXTS.place}</th>
          </tr>
        </thead>
        <tbody>
          {differences.slice(0, MOST).map(({ from, hidden = false, path, place, to }) => (
            <tr key={path.join('.')}>
              <th scope="row">{path.join('.')}</th>
              <td>{valueText(from, hidden)}</td>
              <td>{valueText(to, hidden)}</td>
              <td>{place && `${place.file}:${place.line}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <More count={differences.length - MOST} />
    </>
  );
}

/** Roughly as written in the files. */
function valueText(value: unknown, isHidden: boolean): string {
  return value === undefined ? TEXTS.unset : isHidden ? TEXTS.hidden : JSON.stringify(value);
}

function Lines({ lines }: { readonly lines: readonly string[] }) {
  return (
    <>
      <ul>
        {lines.slice(0, MOST).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <More count={lines.length - MOST} />
    </>
  );
}

function More({ count }: { readonly count: number }) {
  return count > 0 ? <p class="more">{TEXTS.more(count)}</p> : null;
}
