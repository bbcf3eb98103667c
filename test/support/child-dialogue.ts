// Dialogues with a child that looks at the body of a message: who it is, and how it ends.

import { httpProxy } from '../../src/protocols/http/index.ts';
import { disconnect, ended, stackVerdict } from './playbook.ts';

/** Who looks at bodies. */
export const CHILD = { kind: 'service', name: 'scanner', proxy: httpProxy() } as const;

/** The child is given up. */
export const CHILD_GONE = [disconnect('stack-client'), disconnect('stack-server')];

/** The child has ended both of its directions. */
export const CHILD_ENDS = [ended('stack-client'), ended('stack-server')];

/** The word of a child that has nothing against it. */
export const CHILD_WELL = stackVerdict('accepted', 'program.ended');
