// Looks at the first bytes in a tunnel, and says which service they are for.

import { Buffer } from 'node:buffer';
import type { Bytes, ProxyAction, ProxyEvent, StackChoice } from '../../../proxy/engine.ts';
import {
  DETECTION_TIMEOUT_MS,
  DetectionRace,
  MAX_DETECTED_BYTES,
  SERVER_FIRST_AFTER_MS,
} from '../../../proxy/detection-race.ts';
import type { RaceResult } from '../../../proxy/detection-race.ts';
import { TIMER } from '../phase-timer.ts';
import type { ContentChoice, ContentDetection } from './connect-option.ts';

type Side = 'client' | 'server';
type Result = RaceResult<ContentChoice>;

/** One detection. The client has been told that its tunnel stands; the server is not heard at first. */
export class TunnelDetection {
  readonly #otherwise: StackChoice | undefined;
  readonly #race: DetectionRace<ContentChoice>;
  readonly #bytes: Record<Side, Bytes> = { client: Buffer.alloc(0), server: Buffer.alloc(0) };
  #isServerHeard = false;

  constructor({ detect, service }: ContentDetection) {
    this.#otherwise = service;
    this.#race = new DetectionRace(detect);
  }

  /** Begins to look. As for rules, a client that is silent for a while may be waiting for a greeting. */
  begin(out: ProxyAction[]): void {
    const mayGreet = this.#race.serverFirst !== undefined;
    arm(mayGreet ? SERVER_FIRST_AFTER_MS : DETECTION_TIMEOUT_MS, out);
    this.#isServerHeard = !mayGreet;
  }

  /** The bytes of a side that have come: whoever is found gets them. */
  bytesOf(side: Side): Bytes {
    return this.#bytes[side];
  }

  /** Takes bytes of a side. */
  received(side: Side, bytes: Bytes): StackChoice | 'none' | 'undecided' {
    const all = Buffer.concat([this.#bytes[side], bytes]);
    this.#bytes[side] = all;
    const isComplete = all.length >= MAX_DETECTED_BYTES;
    return this.#take(this.#race.show(side, all.subarray(0, MAX_DETECTED_BYTES), { isComplete }));
  }

  /** A side sends no more. */
  ended(side: Side): StackChoice | 'none' | 'undecided' {
    return this.#take(this.#race.show(side, this.#bytes[side], { isComplete: true }));
  }

  /** The time of the client is over: the server is heard, or it ends. */
  elapsed(out: ProxyAction[]): StackChoice | 'none' | 'undecided' {
    if (this.#isServerHeard) return this.#take(this.#race.finish());
    this.#isServerHeard = true;
    arm(DETECTION_TIMEOUT_MS - SERVER_FIRST_AFTER_MS, out);
    out.push({ type: 'release', from: 'server' });
    return 'undecided';
  }

  #take(result: Result): StackChoice | 'none' | 'undecided' {
    if (result === 'undecided') return result;
    return (result === 'none' ? undefined : result.service) ?? this.#otherwise ?? 'none';
  }
}

/** Whether an event is one for a detection. */
export function isForDetection(
  event: ProxyEvent,
): event is Extract<ProxyEvent, { type: 'received' | 'ended' | 'elapsed' }> {
  return event.type === 'received' || event.type === 'ended' || event.type === 'elapsed';
}

function arm(afterMs: number, out: ProxyAction[]): void {
  out.push({ type: 'timer', timer: TIMER, afterMs, mode: 'total' });
}
