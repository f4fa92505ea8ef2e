/** What is loaded with the list: `onBase` of scripts/web.mjs keeps it in one file. */
import '../src/model/principal.ts';
import './console/console-place.tsx';
import './feed/page-feed.ts';
import './list/list-view.tsx';
import './parts/banner.tsx';
import './parts/header.tsx';
import './person.ts';
import './title.ts';
