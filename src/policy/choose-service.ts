// The choice of a service by a listener: of its lines that fit, the one with the nearest client zone wins, then the one
// with the nearest server zone (as the dispatchers of the original).

import type { Listener } from './make-listener.ts';
import type { ZonePairChoice } from './listener-options.ts';
import type { AnyService } from './service.ts';
import type { Trace, TraceStep } from './trace.ts';
import type { Zone } from './zone.ts';

/** The zones of a connection; undefined where no zone has the address. */
export interface ZonePair {
  readonly client: Zone | undefined;
  readonly destination: Zone | undefined;
}

/** The service of the best line; undefined if no line fits. */
export function chooseService(
  listener: Listener,
  zones: ZonePair,
  trace: Trace,
): AnyService | undefined {
  if (listener.type === 'plain') return listener.choices[0]?.service;
  let best: Candidate | undefined;
  for (const line of listener.choices) {
    const candidate = candidateOf(line, zones, listener.followParent);
    if (candidate === undefined) pushLine(trace, 'skipped', line, 'it is for other zones');
    else best = nearer(candidate, best, trace);
  }
  if (best !== undefined) pushLine(trace, 'chosen', best.line, 'it is for the nearest zone');
  return best?.line.service;
}

/** A line that fits, and how far its zones are from those of the connection. */
interface Candidate {
  readonly line: ZonePairChoice;
  readonly client: number;
  readonly destination: number;
}

function candidateOf(
  line: ZonePairChoice,
  zones: ZonePair,
  followParent: boolean,
): Candidate | undefined {
  const client = zoneDistance(line.from, zones.client, followParent);
  const destination = zoneDistance(line.to, zones.destination, followParent);
  if (client === undefined || destination === undefined) return undefined;
  return { line, client, destination };
}

/** Own zone 0; with followParent one more for each ancestor; '*' one more than the root, or 1 without followParent. */
function zoneDistance(
  key: Zone | '*',
  zone: Zone | undefined,
  followParent: boolean,
): number | undefined {
  let distance = 0;
  let next = zone;
  while (next !== undefined) {
    if (next === key) return distance;
    next = followParent ? next.parent : undefined;
    distance++;
  }
  return key === '*' ? Math.max(distance, 1) : undefined;
}

/** The nearer of two candidates; the other one has lost. */
function nearer(one: Candidate, best: Candidate | undefined, trace: Trace): Candidate {
  if (best === undefined) return one;
  const isNearer =
    one.client < best.client || (one.client === best.client && one.destination < best.destination);
  const loser = isNearer ? best : one;
  pushLine(trace, 'lost', loser.line, 'another line is for a nearer zone');
  return isNearer ? one : best;
}

function pushLine(
  trace: Trace,
  outcome: TraceStep['outcome'],
  line: ZonePairChoice,
  because: string,
): void {
  trace.push({ check: 'line', outcome, subject: line.service, because, value: line });
}
