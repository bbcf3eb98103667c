// An engine that never comes back from `handle` would stop the tests, not fail them. A script with a time limit can be
// interrupted even in an endless loop.

import { createContext, Script } from 'node:vm';

const MAX_MS = 30_000; // a case takes milliseconds; this is for machines that have much else to do

const script = new Script('run()');
const sandbox: { run?: () => void } = {};
createContext(sandbox);

/** Runs, and throws if it takes far too long. */
export function endsInTime(run: () => void, timeout = MAX_MS): void {
  sandbox.run = run;
  script.runInContext(sandbox, { timeout });
}
