/** The console view. */
import { ConsoleBar, type ConsoleProps } from './console-bar.tsx';
import { ConsoleView } from './console-view.tsx';

export function ConsolePlace({ name }: ConsoleProps) {
  return (
    <main class="console">
      <ConsoleBar name={name} view="console" />
      <ConsoleView name={name} />
    </main>
  );
}
