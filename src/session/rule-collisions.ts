// Tells the administrator of rules that are equally specific, which the lower id decides. A busy collision is told once a
// minute, with the number of connections that it decided since.

import type { Log } from '../log/log.ts';
import type { RuleMatch } from '../policy/rule-index.ts';
import type { Clock } from './outside.ts';

// Often enough to be seen, and too seldom to fill a log, however many connections it decides.
const TOLD_AGAIN_AFTER_MS = 60_000;

// Rules whose collisions are remembered; a policy in which more collide has said so often enough.
const MAX_RULES = 1_000;

interface Collision {
  toldAt: number;
  untold: number;
}

/** The collisions of an instance, by the id of the rule that won. */
export class RuleCollisions {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #byRule = new Map<number, Collision>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Notes a match; logs if other rules were equally specific and that was not told lately. */
  note({ id, tiedWith }: RuleMatch): void {
    if (tiedWith === undefined) return;
    const now = this.#clock.monotonic();
    const known = this.#byRule.get(id);
    if (known !== undefined && now - known.toldAt < TOLD_AGAIN_AFTER_MS) {
      known.untold++;
      return;
    }
    if (known === undefined && this.#byRule.size >= MAX_RULES) return;
    this.#byRule.set(id, { toldAt: now, untold: 0 });
    const message = 'Rules are equally specific for a connection, and the lowest id wins';
    const fields = { rule: id, other: tiedWith, since: known?.untold ?? 0 };
    this.#log.line('error', 'rule.collision', message, fields);
  }
}
