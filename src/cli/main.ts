// The zorp command. What does its work is loaded when this process has the heap that it is to have.

import { limitYoungGeneration } from '../instance/young-generation.ts';

if (process.argv[2] === 'run') {
  limitYoungGeneration();
  // What is loaded takes most of the start, and a SIGHUP must not end it; the policy that it is about has not been read yet.
  process.on('SIGHUP', () => undefined);
}
await import('./command-process.ts');
