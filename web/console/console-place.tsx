/** Where a console is shown; what shows it is loaded with the first one. */
import { useSignal } from '@preact/signals';
import type { FunctionComponent } from 'preact';
import { useEffect } from 'preact/hooks';
import { conditionOf } from '../../src/model/condition.ts';
import { listQuery } from '../list/filter.ts';
import { consoleNamed } from '../list/table.ts';
import { Mark } from '../parts/mark.tsx';
import { listHref } from '../route.ts';
import { standing } from '../standing.ts';
import { TEXTS } from '../texts.ts';

export interface ConsoleProps {
  readonly name: string;
}

export function ConsolePlace({ name }: ConsoleProps) {
  const view = useSignal<FunctionComponent<ConsoleProps> | undefined>(undefined);
  const fault = useSignal(false);
  useEffect(() => {
    loadConsole().then(
      (loaded) => {
        view.value = loaded;
      },
      () => {
        fault.value = true;
      },
    );
  }, []);
  const found = consoleNamed(name);
  const View = view.value;
  return (
    <main class="console">
      <div class="place">
        <a href={listHref(listQuery.value)}>{TEXTS.allConsoles}</a>
        <h1>{name}</h1>
        {found && <Mark condition={conditionOf(found.value)} />}
        {found?.value.description && <span class="description">{found.value.description}</span>}
      </div>
      {found === undefined && standing.value.is === 'live' && <p class="nothing">{TEXTS.noConsole(name)}</p>}
      {fault.value && (
        <p class="nothing">
          {TEXTS.notLoaded}.{' '}
          <button type="button" onClick={() => location.reload()}>
            {TEXTS.reload}
          </button>
        </p>
      )}
      {View && <View name={name} />}
    </main>
  );
}

async function loadConsole(): Promise<FunctionComponent<ConsoleProps>> {
  const [{ ConsoleView }] = await Promise.all([import('./console-view.tsx'), styled()]);
  return ConsoleView;
}

/** A style is not loaded with the module that needs it. */
function styled(): Promise<void> {
  const href = new URL(WEB_FILES.consoleStyle, import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) {
    return Promise.resolve();
  }
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
  return new Promise((resolve, reject) => {
    link.addEventListener('load', () => resolve());
    link.addEventListener('error', () => reject(new Error(href)));
    document.head.append(link);
  });
}
