/** Modules loaded with the list: `onBase` of scripts/web.mjs keeps them in one file. */
import './feed/page-feed.ts';
import './list/list-view.tsx';
import './parts/banner.tsx';
import './parts/header.tsx';
import './person.ts';
import './title.ts';
