// What was used lately, kept within bounds: what was not used for the longest time goes first.

/** How much is kept. */
export interface KeptLimits {
  readonly maxCount: number;
  readonly maxBytes: number;
}

interface Kept<Value> {
  readonly value: Value;
  readonly bytes: number;
}

/** Values by their names. */
export class RecentlyUsed<Value> {
  readonly #limits: KeptLimits;
  /** The one that was used last is last. */
  readonly #kept = new Map<string, Kept<Value>>();
  #bytes = 0;

  constructor(limits: KeptLimits) {
    this.#limits = limits;
  }

  /** One that is kept; it counts as used now. */
  get(name: string): Value | undefined {
    const kept = this.#kept.get(name);
    if (kept === undefined) return undefined;
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    return kept.value;
  }

  /** Keeps one, in the place of another of this name; `bytes`: what it takes. One that is too large by itself is not kept. */
  set(name: string, value: Value, bytes: number): void {
    const { maxCount, maxBytes } = this.#limits;
    this.#delete(name);
    if (bytes > maxBytes) return;
    this.#kept.set(name, { value, bytes });
    this.#bytes += bytes;
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= maxCount && this.#bytes <= maxBytes) return;
      this.#delete(oldest);
    }
  }

  #delete(name: string): void {
    this.#bytes -= this.#kept.get(name)?.bytes ?? 0;
    this.#kept.delete(name);
  }
}
