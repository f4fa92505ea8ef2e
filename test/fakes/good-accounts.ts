/** Accounts that are all good. */
import type { Accounts } from '../../src/access/accounts.ts';

export const GOOD_ACCOUNTS: Pick<Accounts, 'of' | 'has' | 'forget'> = {
  of: async () => 'good',
  has: async () => true,
  forget: () => undefined,
};
