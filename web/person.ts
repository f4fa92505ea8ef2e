/** The logged-in user. */
import { effect, signal } from '@preact/signals';
import { serverSays } from './now.ts';
import { standing } from './standing.ts';
import { FAULTS, sentence } from './texts/page.ts';
import { urlOf } from './url.ts';

/** `GET /login/who`. */
export interface Who {
  readonly user: string;
  readonly groups: readonly string[];
  readonly method: string;
  readonly expires: string;
}

const UNAUTHORIZED = 401;
const RETRY_MS = 1000;
const PATIENCE_MS = 10_000;

export const who = signal<Who | undefined>(undefined);

/** Resolves when somebody is, and goes to where one logs in if nobody is. */
export async function mustBeLoggedIn(): Promise<Who> {
  for (;;) {
    const answer = await asked();
    if (typeof answer === 'object') {
      who.value = answer;
      return answer;
    }
    if (answer === UNAUTHORIZED) {
      location.replace(loginUrl());
      await new Promise(() => undefined);
    }
    document.body.textContent = sentence(FAULTS.connection);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** The user, or the status of the refusal; undefined: no answer. */
async function asked(): Promise<Who | number | undefined> {
  try {
    const answer = await fetch(urlOf('/login/who'), { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) });
    serverSays(answer.headers.get('date'));
    return answer.ok ? ((await answer.json()) as Who) : answer.status;
  } catch {
    return undefined;
  }
}

/** Reloads the page when someone has logged in again in another tab, or someone else has. */
export function keepPerson(): void {
  let wasOut = false;
  const look = async (): Promise<void> => {
    const now = await asked();
    if (typeof now === 'object' && (wasOut || now.user !== who.peek()?.user)) {
      location.reload();
    }
  };
  let was = standing.peek().is;
  effect(() => {
    const { is } = standing.value;
    wasOut ||= is === 'logged-out';
    if (is === 'live' && (wasOut || was !== 'loading')) {
      void look();
    }
    was = is;
  });
  addEventListener('visibilitychange', () => {
    if (standing.peek().is === 'logged-out' && document.visibilityState === 'visible') {
      void look();
    }
  });
}

/** It leads back to where somebody is now. */
export function loginUrl(): URL {
  const url = urlOf('/login');
  url.searchParams.set('to', `${location.pathname}${location.search}${location.hash}`);
  return url;
}

export async function logOut(): Promise<void> {
  await fetch(urlOf('/logout'), { method: 'POST', signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => undefined);
  location.assign(urlOf('/login'));
}
