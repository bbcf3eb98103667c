// What the start of a permitted child has, be it a service or a program.

import type { ChildListener } from './pump-host.ts';
import type { Runtime } from './runtime.ts';
import type { StackedSession } from './session.ts';

/** What starts a permitted child. */
export interface ChildStart {
  readonly runtime: Runtime;
  /** The child's own session. */
  readonly session: StackedSession;
  readonly listener: ChildListener;
  /** To be called when nothing of the child is left. */
  finished(): void;
}
