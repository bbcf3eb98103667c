// The zorp command. What does its work is loaded when this process has the heap that it is to have.

import { limitYoungGeneration } from '../instance/young-generation.ts';

if (process.argv[2] === 'run') limitYoungGeneration();
await import('./command-process.ts');
