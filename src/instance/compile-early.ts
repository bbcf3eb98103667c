// When V8 compiles what runs often. It waits for programs that may end soon; an instance runs for days, and until its hot
// path is compiled each connection costs twice as much.

import { setFlagsFromString } from 'node:v8';

/** Calls of a function before each of the two compilers takes it, of V8's 400 and 3000. */
const FLAGS = ['--invocation-count-for-maglev=100', '--invocation-count-for-turbofan=500'];

/** Has functions compiled early from now on, in the whole process. */
export function compileEarly(): void {
  for (const flag of FLAGS) setFlagsFromString(flag);
}
