/** The page for the shift: all consoles of a host, and each of them. */
import './app.css';
import { render } from 'preact';
import { followFeed } from './feed/page-feed.ts';
import { followFiles } from './files-differ.ts';
import { apply } from './list/table.ts';
import { keepPerson, mustBeLoggedIn } from './person.ts';
import { App } from './shell.tsx';
import { stands } from './standing.ts';
import { keepTitle } from './title.ts';

keepTitle();
const { user } = await mustBeLoggedIn();
followFeed(user, apply, stands);
followFiles();
keepPerson();
render(<App />, document.body);
