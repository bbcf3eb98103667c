// Hands a server that is connected already to the pump that asks for one.

import type { GreetingServer } from './detect-service.ts';
import type { ServerResult } from './pump-host.ts';

/** Hands a connected server over; never before it has returned. The returned function gives up: then it is let go. */
export function handOver(
  { stream, address }: GreetingServer,
  done: (result: ServerResult) => void,
): () => void {
  let isGivenUp = false;
  queueMicrotask(() => {
    if (isGivenUp) stream.destroy();
    else done({ ok: true, stream, address });
  });
  return () => {
    isGivenUp = true;
  };
}
