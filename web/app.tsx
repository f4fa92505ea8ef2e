/** The page for the shift: all consoles of a host, and each of them. */
import './app.css';
import { render } from 'preact';
import { ConsolePlace } from './console/console-place.tsx';
import { followFeed } from './feed/page-feed.ts';
import { ListView } from './list/list-view.tsx';
import { apply } from './list/table.ts';
import { Banner } from './parts/banner.tsx';
import { Header } from './parts/header.tsx';
import { mustBeLoggedIn } from './person.ts';
import { route } from './route.ts';
import { stands } from './standing.ts';
import { keepTitle } from './title.ts';

function App() {
  const { value } = route;
  return (
    <>
      <Header />
      <Banner />
      {value.view === 'list' ? <ListView /> : <ConsolePlace key={value.name} name={value.name} />}
    </>
  );
}

keepTitle();
const { user } = await mustBeLoggedIn();
followFeed(user, apply, stands);
render(<App />, document.body);
