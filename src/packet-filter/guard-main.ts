// The process that waits for the confirmation of a commit: guard-process.ts starts it with the state folder and the id of
// the commit. Everything else is in guard.ts.

import { writeSync } from 'node:fs';
import { guardCommit } from './guard.ts';
import { openMachine } from './machine.ts';

const [stateFolder = '', commitId = ''] = process.argv.slice(2);
let isAskedToEnd = false;
// A terminal that is closed is what it is there for.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGQUIT'] as const) process.on(signal, () => undefined);
// Whoever ends it (a session that is cleaned up, a shutdown) has not confirmed either.
process.on('SIGTERM', () => (isAskedToEnd = true));
try {
  writeSync(1, 'ready\n');
} catch {
  // The commit that started this was killed; what it began must be taken back all the more.
}

await guardCommit(openMachine(stateFolder), {
  commitId,
  isAskedToEnd: () => isAskedToEnd,
  log: (text) => writeSync(2, `${text}\n`),
});
