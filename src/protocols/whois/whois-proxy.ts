// The whois protocol (RFC 3912) for the engine of questions and answers.

import type { QueryProtocol } from '../../proxy/query-core.ts';
import type { WhoisRequest, WhoisSettings } from './settings.ts';
import { isRequest, readRequest } from './whois-request.ts';

/** The protocol under these settings. */
export function whoisProtocol(settings: WhoisSettings): QueryProtocol<WhoisRequest> {
  return {
    name: 'whois',
    maxRequestLength: settings.maxRequestLength,
    settings,
    rule: settings.whoisRequest,
    read: readRequest,
    isRequest,
    write: ({ query }) => query,
    // A query names no server: where it goes is the router's choice.
    serverOf: () => undefined,
  };
}
