// What the detectors of a rule say of a connection: each looks once at everything that is there.

import type { DetectLine } from '../../src/policy/rule.ts';
import type { Detection } from '../../src/proxy/detector.ts';

/** What client and server say. */
export interface FirstBytes {
  readonly client: Uint8Array;
  /** Whether the client says no more. */
  readonly isComplete: boolean;
  /** Asks the server of a line for its greeting; undefined if it cannot be reached. */
  readonly greetingOf: (line: DetectLine) => Uint8Array | undefined;
}

/** The line that recognises the connection, and the line whose server was asked for a greeting. */
export interface PlainDetection {
  readonly found: DetectLine | undefined;
  readonly asked: DetectLine | undefined;
}

/** A plain run of the detectors, in the order of the list: over the client, and over the server if that leaves it open. */
export function plainDetection(lines: readonly DetectLine[], bytes: FirstBytes): PlainDetection {
  const { client, isComplete, greetingOf } = bytes;
  const isSilent = client.length === 0 && !isComplete;
  const byClient = lines.map(({ detector }): Detection =>
    isSilent ? 'undecided' : detector.detect('client', client, { isComplete }),
  );
  if (isDecided(byClient)) return { found: firstMatch(lines, byClient), asked: undefined };
  const asked = lines.find(
    ({ detector }, index) => detector.readsServer && byClient[index] !== 'no-match',
  );
  const greeting = asked === undefined ? undefined : greetingOf(asked);
  const byBoth = lines.map(({ detector }, index): Detection => {
    const result = byClient[index] ?? 'no-match';
    if (result !== 'undecided' || greeting === undefined || greeting.length === 0) return result;
    if (!detector.readsServer) return 'no-match'; // in that protocol the client speaks first
    return detector.detect('server', greeting, { isComplete: false });
  });
  return { found: firstMatch(lines, byBoth), asked };
}

/** Whether nothing that is to come could change which line is the first to match. */
function isDecided(results: readonly Detection[]): boolean {
  return results.find((result) => result !== 'no-match') !== 'undecided';
}

/** What is still open when time is up does not match. */
function firstMatch(
  lines: readonly DetectLine[],
  results: readonly Detection[],
): DetectLine | undefined {
  return lines[results.indexOf('match')];
}
