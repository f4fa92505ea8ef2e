/** All that is there at first: each view that is loaded later finds it (scripts/web.mjs), so that it stays in one piece. */
import { ListView } from './list/list-view.tsx';
import { Banner } from './parts/banner.tsx';
import { Header } from './parts/header.tsx';
import { lazy } from './parts/lazy.tsx';
import { type Route, route } from './route.ts';

const ConsolePlace = lazy(async () => (await import('./console/console-place.tsx')).ConsolePlace, 'console');
const LogView = lazy(async () => (await import('./log/log-view.tsx')).LogView, 'log');
const PlanView = lazy(async () => (await import('./plan/plan-view.tsx')).PlanView, 'plan');
const WhyView = lazy(async () => (await import('./why/why-view.tsx')).WhyView, 'why');

export function App() {
  return (
    <>
      <Header />
      <Banner />
      <View {...route.value} />
    </>
  );
}

function View(shown: Route) {
  switch (shown.view) {
    case 'list':
      return <ListView />;
    case 'log':
      return <LogView query={shown.query} />;
    case 'plan':
      return <PlanView />;
    case 'console':
      return <ConsolePlace key={shown.name} name={shown.name} />;
    case 'why':
      return <WhyView key={shown.name} name={shown.name} />;
  }
}
