// Hands a server that was connected before to the pump that asks for one.

import type { ServerResult } from './pump-host.ts';

/** Hands over what came of a connect; never before it has returned. The returned function gives up: then a server is let go. */
export function handOver(result: ServerResult, done: (result: ServerResult) => void): () => void {
  let isGivenUp = false;
  queueMicrotask(() => {
    if (!isGivenUp) done(result);
    else if (result.ok) result.stream.destroy();
  });
  return () => {
    isGivenUp = true;
  };
}
