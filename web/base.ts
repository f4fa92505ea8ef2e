/** What is loaded with the list: `onBase` of scripts/web.mjs keeps it in one file. */
import './feed/page-feed.ts';
import './list/list-view.tsx';
import './parts/banner.tsx';
import './parts/header.tsx';
import './person.ts';
import './title.ts';
