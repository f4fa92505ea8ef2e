/** The single sign-on of a site, for a gateway that has one configured. */

import { OidcProvider } from '../gateway/provider.ts';
import type { OpenProvider } from '../gateway/provider-port.ts';

export const openProvider: OpenProvider = (...parts) => new OidcProvider(...parts);
