/** The page for the shift: all consoles of a host, and each of them. */
import './app.css';
import { type FunctionComponent, render } from 'preact';
import { followFeed } from './feed/page-feed.ts';
import { ListView } from './list/list-view.tsx';
import { apply } from './list/table.ts';
import { Banner } from './parts/banner.tsx';
import { Header } from './parts/header.tsx';
import { lazy } from './parts/lazy.tsx';
import { keepPerson, mustBeLoggedIn } from './person.ts';
import type { RecordsProps } from './records/records-view.tsx';
import { type Route, route } from './route.ts';
import { stands } from './standing.ts';
import { keepTitle } from './title.ts';

/** A view has its `main` landmark while it loads. */
function view<Props extends object>(
  load: () => Promise<FunctionComponent<Props>>,
  style: keyof typeof WEB_FILES.styles,
) {
  return lazy(load, style, 'main');
}

const ConsolePlace = view(async () => (await import('./console/loaded.ts')).ConsolePlace, 'console');
/** In the chunk of the console. */
const SideView = view(async () => (await import('./console/loaded.ts')).SideView, 'console');
const LogView = view(async () => (await import('./log/log-view.tsx')).LogView, 'log');
const RecordsView = view<RecordsProps>(async () => (await import('./records/records-view.tsx')).RecordsView, 'records');
const PlanView = view(async () => (await import('./plan/plan-view.tsx')).PlanView, 'plan');
const WhyView = view(async () => (await import('./why/why-view.tsx')).WhyView, 'why');

function App() {
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
    case 'side':
      return <SideView query={shown.query} />;
    case 'log':
      return <LogView query={shown.query} />;
    case 'plan':
      return <PlanView />;
    case 'history':
    case 'audit':
      return <RecordsView key={shown.view} view={shown.view} query={shown.query} />;
    case 'console':
      return <ConsolePlace key={shown.name} name={shown.name} />;
    case 'why':
      return <WhyView key={shown.name} name={shown.name} />;
  }
}

keepTitle();
const { user } = await mustBeLoggedIn();
followFeed(user, apply, stands);
keepPerson();
render(<App />, document.body);
