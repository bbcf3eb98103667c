// The server that a client has asked for by TLS (SNI), for proxies that read what is inside.

import { attribute } from './proxy-session.ts';

/** The name in lower case; not there where no TLS was spoken with the client, or it named no server. */
export const tlsServerName = attribute<string>('tls-server-name');
