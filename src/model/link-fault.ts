/** Why a link could not be connected, in words that are not those of a system call. Pure. */

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to the host',
  EHOSTDOWN: 'the host is down',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'no answer',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name service does not answer',
  ENOENT: 'there is nothing of that name',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EBUSY: 'the device is in use',
};

export const LINK_ENDED = 'the connection ended';

/** `connection refused`; of a failure that has no words here, those that it comes with. */
export function linkFaultText({ code = '', message }: { readonly code?: string; readonly message: string }): string {
  return WORDS[code] ?? (message || code || 'not connected');
}
