// The finger protocol (RFC 1288) for the engine of questions and answers.

import type { QueryProtocol } from '../../proxy/query-core.ts';
import { isRequest, readRequest, writeRequest } from './finger-request.ts';
import type { FingerRequest, FingerSettings } from './settings.ts';

const FINGER_PORT = 79; // RFC 1288, 2.1

/** The protocol under these settings. */
export function fingerProtocol(settings: FingerSettings): QueryProtocol<FingerRequest> {
  return {
    name: 'finger',
    maxRequestLength: settings.maxLineLength,
    settings,
    rule: settings.fingerRequest,
    read: (line, { session }) => readRequest(line, settings, session.targetAddressInband),
    isRequest,
    write: writeRequest,
    serverOf: ({ server }) =>
      server === undefined ? undefined : { host: server, port: FINGER_PORT },
  };
}
