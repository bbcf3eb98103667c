// What a session did, as the world around it sees it: bytes that went out, and everything else in its order.

import type { Bytes, Port, ProxyAction } from '../../src/proxy/engine.ts';
import { quote, toText } from './latin1.ts';
import { showAction } from './show-action.ts';

type Effect = { readonly to: Port; text: string } | { readonly action: ProxyAction };

/** Takes down effects. Holds and timers are none: they show in what happens or does not. */
export class Effects {
  readonly #keeps: 'everything' | 'nothing';
  readonly #effects: Effect[] = [];
  readonly #given: { readonly bytes: Bytes; readonly copy: Bytes }[] = [];

  constructor(keeps: 'everything' | 'nothing') {
    this.#keeps = keeps;
  }

  /** Bytes went out, sent or relayed; adjacent ones to one port are one effect. */
  sent(to: Port, bytes: Bytes): void {
    if (this.#keeps === 'nothing' || bytes.length === 0) return;
    const last = this.#effects.at(-1);
    if (last !== undefined && 'to' in last && last.to === to) last.text += toText(bytes);
    else this.#effects.push({ to, text: toText(bytes) });
  }

  /** Remembers what an engine gave away, for `hasChangedBytes`; what it was lent it may pass on. */
  given(bytes: Bytes, readBuffer: Bytes): void {
    const isLent = bytes.buffer === readBuffer.buffer;
    if (this.#keeps === 'everything' && !isLent) this.#given.push({ bytes, copy: bytes.slice() });
  }

  /** Anything else happened. */
  happened(action: ProxyAction): void {
    if (this.#keeps === 'everything') this.#effects.push({ action });
  }

  /** Whether the engine changed bytes after it had sent them. */
  get hasChangedBytes(): boolean {
    return this.#given.some(({ bytes, copy }) => Buffer.compare(bytes, copy) !== 0);
  }

  /** All effects in order, a line each. */
  get trace(): readonly string[] {
    return this.#effects.map((effect) =>
      'to' in effect ? showSent(effect.to, effect.text) : showAction(effect.action),
    );
  }

  /**
   * The same, where between two other effects only the order of the bytes of each port counts: two streams that run at
   * the same time have no order between them.
   */
  get phases(): readonly string[] {
    const lines: string[] = [];
    const outputs = new Map<Port, string>();
    const flush = () => {
      lines.push(...[...outputs].map(([to, text]) => showSent(to, text)).sort());
      outputs.clear();
    };
    for (const effect of this.#effects) {
      if ('to' in effect) {
        outputs.set(effect.to, (outputs.get(effect.to) ?? '') + effect.text);
      } else {
        flush();
        lines.push(showAction(effect.action));
      }
    }
    flush();
    return lines;
  }

  /** All bytes that went out to a port, one character a byte. */
  output(to: Port): string {
    const texts = this.#effects.map((effect) =>
      'to' in effect && effect.to === to ? effect.text : '',
    );
    return texts.join('');
  }
}

function showSent(to: Port, text: string): string {
  return `send ${to} ${quote(text)}`;
}
