/** The audit, in the words of `holdfast audit`, and the check of its chain. */
import { useSignal } from '@preact/signals';
import { type AuditRecord, type AuditVerdict, actText, type Outcome } from '../../src/model/audit.ts';
import { auditAbout, auditWho, verdictLines } from '../../src/model/audit-text.ts';
import { HoldfastError } from '../../src/model/errors.ts';
import { local, withLocalTimes } from '../../src/model/time-text.ts';
import { PATIENCE_MS, patient } from '../host.ts';
import { consoleNamed } from '../list/table.ts';
import { now } from '../now.ts';
import { useAsked } from '../parts/asked.ts';
import { consoleHref } from '../route.ts';
import { RECORDS_TEXTS as TEXTS } from '../texts/records.ts';
import { PAGE, RecordPlace, RecordRows } from './record-page.tsx';
import { auditFilterOf, type Fields, fieldsOf } from './records-query.ts';

interface Found {
  /** Oldest first. */
  readonly records: readonly AuditRecord[];
  /** Wall time, milliseconds. */
  readonly at: number;
}

export function AuditView({ query }: { readonly query: string }) {
  const number = useSignal(0);
  return (
    <RecordPlace
      view="audit"
      query={query}
      about={TEXTS.auditAbout}
      tools={
        <>
          <Verify />
          <button type="button" onClick={() => number.value++}>
            {TEXTS.again}
          </button>
        </>
      }
    >
      <AuditPage key={`${number.value} ${query}`} query={query} />
    </RecordPlace>
  );
}

function AuditPage({ query }: { readonly query: string }) {
  const fields = fieldsOf(query);
  const { answer, fault } = useAsked<Found>(() => recordsOf(fields));
  const found = answer.value;
  return (
    <RecordRows
      view="audit"
      query={query}
      columns={['when', 'who', 'what', 'outcome']}
      rows={found?.records.toReversed().map((record) => <AuditRow key={record.seq} record={record} />)}
      fault={fault.value}
      head={found ? TEXTS.headOf(found.at) : ''}
      oldest={found?.records.length === PAGE ? found.records[0]?.seq : undefined}
    />
  );
}

async function recordsOf(fields: Fields): Promise<Found> {
  const at = now.peek();
  const filter = { ...auditFilterOf(fields, at), rows: true, limit: PAGE };
  const records: AuditRecord[] = [];
  let late: ReturnType<typeof setTimeout> | undefined;
  const read = async (): Promise<void> => {
    for await (const { record } of patient.audit.records(filter)) {
      records.push(record);
    }
  };
  // An answer that has begun may never end, so limit it.
  const tooLate = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(new HoldfastError('HF_NO_ANSWER', TEXTS.slow)), PATIENCE_MS);
  });
  try {
    await Promise.race([read(), tooLate]);
  } finally {
    clearTimeout(late);
  }
  return { records, at };
}

const TONES: Readonly<Record<Outcome, string | undefined>> = {
  begun: 'warn',
  done: undefined,
  failed: 'warn',
  refused: 'bad',
};

function AuditRow({ record }: { readonly record: AuditRecord }) {
  const { act, console, outcome, time } = record;
  const about = auditAbout(record);
  return (
    <tr class={TONES[outcome]}>
      <td class="when">
        <time dateTime={time}>{local(time)}</time>
      </td>
      <td class="who">{auditWho(record)}</td>
      <td class="what">
        {console !== undefined && consoleNamed(console) ? (
          <a href={consoleHref(console)}>{actText(act, console)}</a>
        ) : (
          actText(act, console)
        )}
        {about !== '' && <small>: {withLocalTimes(about)}</small>}
      </td>
      <td class="outcome">{outcome}</td>
    </tr>
  );
}

function Verify() {
  const verdict = useSignal<{ readonly of: AuditVerdict; readonly at: number } | undefined>(undefined);
  const fault = useSignal('');
  const isAsking = useSignal(false);
  const verify = async (): Promise<void> => {
    isAsking.value = true;
    fault.value = '';
    try {
      verdict.value = { of: await patient.audit.verify(), at: now.peek() };
    } catch (error) {
      verdict.value = undefined;
      fault.value = (error as Error).message;
    }
    isAsking.value = false;
  };
  const { at, of } = verdict.value ?? {};
  return (
    <>
      <span role="status" class="verdict">
        {isAsking.value && TEXTS.verifying}
        {fault.value !== '' && TEXTS.fault(fault.value)}
        {of && at !== undefined && !isAsking.value && (
          <span class={of.broken ? 'bad' : 'good'}>
            <b>{of.broken ? TEXTS.broken : TEXTS.verified(at, of.last)}</b>: {verdictLines(of).join('; ')}
          </span>
        )}
      </span>
      <button type="button" disabled={isAsking.value} onClick={() => void verify()}>
        {TEXTS.verify}
      </button>
    </>
  );
}
