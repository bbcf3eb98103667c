// The choice of a service by a listener: of its lines that fit, the one with the nearest client zone wins, then the one
// with the nearest server zone (reference: dispatcher classes).

import type { Listener, ZonePairChoice } from './listener.ts';
import type { AnyService } from './service.ts';
import type { TraceStep } from './trace.ts';
import type { Zone } from './zone.ts';
import { ancestry } from './zone.ts';

/** The zones of a connection; undefined where no zone has the address. */
export interface ZonePair {
  readonly client: Zone | undefined;
  readonly destination: Zone | undefined;
}

/** The service of the best line; undefined if no line fits. */
export function chooseService(
  listener: Listener,
  zones: ZonePair,
  trace: TraceStep[],
): AnyService | undefined {
  if (listener.type === 'plain') return listener.choices[0]?.service;
  let best: { line: ZonePairChoice; distance: Distance } | undefined;
  for (const line of listener.choices) {
    const distance = distanceOf(line, zones, listener.followParent);
    if (distance === undefined) {
      pushLine(trace, 'skipped', line, 'it is for other zones');
      continue;
    }
    if (best !== undefined && !isNearer(distance, best.distance)) {
      pushLine(trace, 'lost', line, 'another line is for a nearer zone');
      continue;
    }
    if (best !== undefined) pushLine(trace, 'lost', best.line, 'another line is for a nearer zone');
    best = { line, distance };
  }
  if (best !== undefined) pushLine(trace, 'chosen', best.line, 'it is for the nearest zone');
  return best?.line.service;
}

interface Distance {
  readonly client: number;
  readonly destination: number;
}

function distanceOf(
  line: ZonePairChoice,
  zones: ZonePair,
  followParent: boolean,
): Distance | undefined {
  const client = zoneDistance(line.from, zones.client, followParent);
  const destination = zoneDistance(line.to, zones.destination, followParent);
  if (client === undefined || destination === undefined) return undefined;
  return { client, destination };
}

/** Own zone 0; with followParent one more for each ancestor; '*' one more than the root, or 1 without followParent. */
function zoneDistance(
  key: Zone | '*',
  zone: Zone | undefined,
  followParent: boolean,
): number | undefined {
  const chain = zone === undefined ? [] : ancestry(zone);
  const usable = followParent ? chain : chain.slice(0, 1);
  if (key === '*') return Math.max(usable.length, 1);
  const distance = usable.indexOf(key);
  return distance === -1 ? undefined : distance;
}

function isNearer(one: Distance, other: Distance): boolean {
  return (
    one.client < other.client ||
    (one.client === other.client && one.destination < other.destination)
  );
}

function pushLine(
  trace: TraceStep[],
  outcome: TraceStep['outcome'],
  line: ZonePairChoice,
  because: string,
): void {
  trace.push({ check: 'line', outcome, subject: line.service, because, value: new LineText(line) });
}

/** The zones of a line as text, made only when somebody reads it. */
class LineText {
  readonly #line: ZonePairChoice;

  constructor(line: ZonePairChoice) {
    this.#line = line;
  }

  toString(): string {
    return `${nameOf(this.#line.from)} to ${nameOf(this.#line.to)}`;
  }
}

function nameOf(zone: Zone | '*'): string {
  return zone === '*' ? '*' : zone.name;
}
