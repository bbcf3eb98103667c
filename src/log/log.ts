// What the rest of Zorp knows of logging: lines for people and machines, and one decision record per connection.

import type { LogFields } from '../proxy/engine.ts';
import type { SessionRecord } from './session-record.ts';

/** How grave a line is. `violation`: a peer broke a rule; `policy`: the policy decided; `accounting`: what was done. */
export type LogLevel = 'error' | 'violation' | 'policy' | 'accounting' | 'info';

/** Where lines and records go. Never throws and never blocks; what cannot be written is counted and said. */
export interface Log {
  /** `code` is stable and names the cause ('http.bare-line-feed'); peers' bytes in fields are escaped when written. */
  line(level: LogLevel, code: string, message: string, fields?: LogFields): void;
  /** The one record of a connection, when it has ended. */
  record(record: SessionRecord): void;
}
