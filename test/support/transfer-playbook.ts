// A transfer through a child with a trace of all that it asks for and tells, for tests that read like one.
import assert from 'node:assert/strict';
import type { ProxyAction, ProxyEvent, StackedChild } from '../../src/proxy/engine.ts';
import type { TransferNews, TransferOptions } from '../../src/proxy/stack-transfer.ts';
import { StackTransfer } from '../../src/proxy/stack-transfer.ts';
import { toBytes, toText } from './latin1.ts';
import { showAction } from './show-action.ts';

const child: StackedChild = { kind: 'service', name: 'filter' };

/** A transfer of an upload, with a trace of all that it asks for and tells. */
export class Upload {
  readonly transfer: StackTransfer;
  readonly trace: string[] = [];

  constructor(options: Partial<TransferOptions> = {}) {
    this.transfer = new StackTransfer({ child, source: 'client', idleTimeoutMs: 9, ...options });
    this.#do((out) => {
      this.transfer.begin(out);
      return [];
    });
  }

  /** The source gives bytes, which are others afterwards. */
  gives(text: string): this {
    return this.#do((out) => {
      const bytes = toBytes(text);
      this.transfer.give(bytes, out);
      this.#settleActions(out);
      bytes.fill(0xee);
      return [];
    });
  }

  /** The source has given all. */
  givesAll(): this {
    return this.#do((out) => {
      this.transfer.giveEnd(out);
      return [];
    });
  }

  /** The source breaks off. */
  losesSource(): this {
    return this.#do((out) => this.transfer.failSource(out));
  }

  /** Events of the child and of timers. */
  when(...events: readonly ProxyEvent[]): this {
    for (const event of events) this.#do((out) => this.transfer.handle(event, out));
    return this;
  }

  /** The engine goes on after `begin`. */
  resumes(): this {
    return this.#do((out) => this.transfer.resume(out));
  }

  /** The destination fails. */
  losesDestination(): this {
    return this.#do((out) => this.transfer.failDestination(out));
  }

  /** What happened since the last look. */
  expect(...lines: readonly string[]): this {
    assert.deepEqual(this.trace.splice(0), lines);
    return this;
  }

  /** Passes over what happened. */
  forget(): this {
    this.trace.length = 0;
    return this;
  }

  #do(call: (out: ProxyAction[]) => readonly TransferNews[]): this {
    const out: ProxyAction[] = [];
    const news = call(out);
    this.#settleActions(out);
    this.trace.push(...news.map(showNews));
    return this;
  }

  /** Timers that are disarmed are of no interest. */
  #settleActions(out: ProxyAction[]): void {
    const shown = out.splice(0).filter((one) => one.type !== 'timer' || one.afterMs !== undefined);
    this.trace.push(...shown.map(showAction));
  }
}

/** News as people read them: `OUTPUT abc`. */
function showNews(news: TransferNews): string {
  switch (news.type) {
    case 'output':
      return `OUTPUT ${toText(news.bytes)}`;
    case 'refused':
    case 'aborted':
      return `${news.type.toUpperCase()} ${news.failure.verdict} ${news.failure.reason}`;
    case 'length':
      return `LENGTH ${news.length}`;
    default:
      return news.type.toUpperCase();
  }
}
