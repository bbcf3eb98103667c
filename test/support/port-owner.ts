// Who owns a port of a pump, where a test asks the port itself.
import type { PortOwner } from '../../src/session/pump-port.ts';

/** Takes no notice of what its ports say. */
export const NOBODY: PortOwner = {
  portReceived: () => undefined,
  portEnded: () => undefined,
  portDrained: () => undefined,
  portMoved: () => undefined,
  portClosed: () => undefined,
};
