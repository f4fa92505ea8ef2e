/** Where a console is shown. */
import { ConsoleBar } from './console-bar.tsx';
import { ConsoleView } from './console-view.tsx';

export function ConsolePlace({ name }: { readonly name: string }) {
  return (
    <main class="console">
      <ConsoleBar name={name} view="console" />
      <ConsoleView name={name} />
    </main>
  );
}
