/** The banner: the page is not live, nobody is logged in, or it is outdated. */
import { loginUrl } from '../person.ts';
import { isOld, standing } from '../standing.ts';
import { TEXTS } from '../texts/page.ts';

export function Banner() {
  const { value } = standing;
  return (
    <div class="banner" role="status">
      {value.is === 'away' && (
        <p class="away">
          <strong>{TEXTS.notLive(value.since)}.</strong> {TEXTS.notLiveWhy(value.reason)}
        </p>
      )}
      {value.is === 'logged-out' && (
        <p class="away">
          <strong>{TEXTS.loggedOut}.</strong> {TEXTS.loggedOutWhy} <a href={loginUrl().href}>{TEXTS.logIn}</a>
        </p>
      )}
      {value.is === 'live' && isOld.value && (
        <p>
          {TEXTS.newVersion}.{' '}
          <button type="button" onClick={() => location.reload()}>
            {TEXTS.reload}
          </button>
        </p>
      )}
    </div>
  );
}
