// Garbage is collected when a test asks for it.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/** Collects what nobody refers to. Its finalizers run in a later turn of the loop. */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void; // V8 shows it to contexts that are made from now on
  }
  collect();
}
