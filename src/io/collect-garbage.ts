// Asks V8 for a collection without a long pause. Its measure of memory begins one, in steps and in other threads; `gc()`
// would stop everything until it is done, which is a tenth of a second for some ten thousand sessions.

import { measureMemory } from 'node:vm';

/** Has garbage collected soon, also that of old objects, which V8 leaves alone for as long as it expects little of it. */
export function collectGarbage(): void {
  // What it measures is of no interest. It may fail where a context is gone, and then nothing is collected.
  unwarned(() => measureMemory({ mode: 'summary', execution: 'eager' })).catch(() => undefined);
}

/** Node calls the function experimental, once, on the standard error: that is nothing for whoever runs a firewall. */
function unwarned<Result>(call: () => Result): Result {
  const own = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  if (own === undefined) return call();
  Object.defineProperty(process, 'emitWarning', { ...own, value: () => undefined });
  try {
    return call();
  } finally {
    Object.defineProperty(process, 'emitWarning', own);
  }
}
