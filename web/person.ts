/** Who is logged in. */
import { signal } from '@preact/signals';
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

export const who = signal<Who | undefined>(undefined);

/** Resolves when somebody is, and goes to where one logs in if nobody is. */
export async function mustBeLoggedIn(): Promise<Who> {
  for (;;) {
    const answer = await fetch(urlOf('/login/who'), { cache: 'no-store' }).catch(() => undefined);
    if (answer?.ok) {
      who.value = (await answer.json()) as Who;
      return who.value;
    }
    if (answer?.status === UNAUTHORIZED) {
      location.replace(loginUrl());
      await new Promise(() => undefined);
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** It leads back to where somebody is now. */
export function loginUrl(): URL {
  const url = urlOf('/login');
  url.searchParams.set('to', `${location.pathname}${location.search}${location.hash}`);
  return url;
}

export async function logOut(): Promise<void> {
  await fetch(urlOf('/logout'), { method: 'POST' }).catch(() => undefined);
  location.assign(urlOf('/login'));
}
