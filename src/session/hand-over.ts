// Answers that are known at once, for those who must not be called back before they have asked.

import type { ServerResult } from './pump-host.ts';

/** Calls soon, and never before it has returned. The returned function gives up. */
export function callSoon(call: () => void): () => void {
  let isGivenUp = false;
  queueMicrotask(() => {
    if (!isGivenUp) call();
  });
  return () => {
    isGivenUp = true;
  };
}

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
