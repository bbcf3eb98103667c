// A switch to another protocol on a connection (RFC 9110, 7.8).

import type { Stackable } from '../../../proxy/engine.ts';
import type { Handshake } from '../../websocket/handshake.ts';

/** The switch to another protocol that a client asks for and the policy allows. */
export interface Upgrade {
  /** As the client wrote it, perhaps with a version. */
  readonly protocol: string;
  /** What is asked for in particular, if it is a WebSocket. */
  readonly handshake: Handshake | undefined;
  /** What gets what follows; undefined: nobody looks inside. */
  readonly contents: Stackable | undefined;
  /** Lower-case names of fields that do not pass. */
  readonly strip: readonly string[];
}
