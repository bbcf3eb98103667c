// Two engines that carry bodies through a stacked child: uploads on a connection that is kept, and a download until the end.
import type { ProxyAction, ProxyEvent, ProxyFactory, Stackable } from '../../src/proxy/engine.ts';
import type { ProxyCore } from '../../src/proxy/guard.ts';
import { guard } from '../../src/proxy/guard.ts';
import type { TransferFailure, TransferNews } from '../../src/proxy/stack-transfer.ts';
import { StackTransfer } from '../../src/proxy/stack-transfer.ts';
import { toBytes, toText } from './latin1.ts';

const IDLE_TIMEOUT_MS = 5_000;

/** An engine of tests under the guard that all engines have. */
function factoryOf(name: string, child: Stackable, core: () => ProxyCore): ProxyFactory {
  return {
    name,
    tellsRefusals: false,
    stacks: [child],
    create: () => guard(core()),
    explain: () => `carries bodies through ${child.name}`,
  };
}

/**
 * `PUT <length>\n` and that many bytes become `PUT\n`, the output of the child and `END\n` for the server; the client is
 * told `200\n`, or `550 <why>\n` while the server hears nothing. Then comes the next one.
 */
export function uploadProxy(child: Stackable): ProxyFactory {
  return factoryOf('upload', child, () => new UploadCore(child));
}

class UploadCore implements ProxyCore {
  readonly #child: Stackable;
  #head = '';
  #left = 0;
  #transfer: StackTransfer | undefined;
  /** Bytes of the next upload, that came with the last one. */
  #early = '';

  constructor(child: Stackable) {
    this.#child = child;
  }

  handle(event: ProxyEvent, out: ProxyAction[]): void {
    if (event.type === 'started')
      out.push({ type: 'hold', from: 'client' }, { type: 'connect', port: 'server' });
    else if (event.type === 'connected') out.push({ type: 'release', from: 'client' });
    else if (event.type === 'received' && event.from === 'client')
      this.#read(toText(event.bytes), out);
    else if (event.type === 'ended' && event.from === 'client')
      this.#close('accepted', 'done', out);
    else this.#obey(this.#transfer?.handle(event, out) ?? [], out);
  }

  refuse(): void {
    // It has no words of its own.
  }

  #read(text: string, out: ProxyAction[]): void {
    for (const byte of text) {
      if (this.#left > 0) this.#give(byte, out);
      else if (this.#transfer !== undefined) this.#early += byte;
      else if (byte === '\n') this.#begin(out);
      else this.#head += byte;
    }
  }

  #begin(out: ProxyAction[]): void {
    this.#left = Number(/^PUT (\d+)$/.exec(this.#head)?.[1] ?? NaN);
    this.#head = '';
    if (!(this.#left > 0)) return this.#close('denied-by-policy', 'upload.garbage', out);
    this.#transfer = new StackTransfer({
      child: this.#child,
      hint: { length: this.#left, format: 'file' },
      source: 'client',
      idleTimeoutMs: IDLE_TIMEOUT_MS,
    });
    this.#transfer.begin(out);
  }

  /** Bytes of a transfer that is over are swallowed, so that the next upload is read from its beginning. */
  #give(byte: string, out: ProxyAction[]): void {
    this.#transfer?.give(toBytes(byte), out);
    if (--this.#left > 0) return;
    this.#transfer?.giveEnd(out);
    if (this.#transfer?.isOver === true) this.#next(out);
  }

  #obey(news: readonly TransferNews[], out: ProxyAction[]): void {
    for (const one of news)
      if (one.type === 'begin') out.push({ type: 'send', to: 'server', bytes: toBytes('PUT\n') });
      else if (one.type === 'output') out.push({ type: 'send', to: 'server', bytes: one.bytes });
      else if (one.type === 'finished') this.#answer('200\n', out, 'END\n');
      else if (one.type === 'refused') this.#answer(`550 ${one.failure.message}\n`, out);
      else if (one.type === 'aborted') cut(one.failure, out);
  }

  #answer(text: string, out: ProxyAction[], ending?: string): void {
    if (ending !== undefined) out.push({ type: 'send', to: 'server', bytes: toBytes(ending) });
    out.push({ type: 'send', to: 'client', bytes: toBytes(text) });
    if (this.#left === 0) this.#next(out);
  }

  #next(out: ProxyAction[]): void {
    const early = this.#early;
    this.#early = '';
    this.#transfer = undefined;
    this.#read(early, out);
  }

  #close(verdict: 'accepted' | 'denied-by-policy', reason: string, out: ProxyAction[]): void {
    out.push({ type: 'close', verdict, reason });
  }
}

/** What the server says until its end is a body; the client is told `200\n` and the output, or `451 <why>\n`. */
export function downloadProxy(child: Stackable, idleTimeoutMs = IDLE_TIMEOUT_MS): ProxyFactory {
  return factoryOf('download', child, () => new DownloadCore(child, idleTimeoutMs));
}

class DownloadCore implements ProxyCore {
  readonly #transfer: StackTransfer;

  constructor(child: Stackable, idleTimeoutMs: number) {
    this.#transfer = new StackTransfer({ child, source: 'server', idleTimeoutMs });
  }

  handle(event: ProxyEvent, out: ProxyAction[]): void {
    if (event.type === 'started') out.push({ type: 'connect', port: 'server' });
    else if (event.type === 'connected') this.#transfer.begin(out);
    else if (event.type === 'received' && event.from === 'server')
      this.#transfer.give(event.bytes, out);
    else if (event.type === 'ended' && event.from === 'server') this.#transfer.giveEnd(out);
    else this.#obey(this.#transfer.handle(event, out), out);
  }

  refuse(): void {
    // It has no words of its own.
  }

  #obey(news: readonly TransferNews[], out: ProxyAction[]): void {
    for (const one of news)
      if (one.type === 'begin') out.push({ type: 'send', to: 'client', bytes: toBytes('200\n') });
      else if (one.type === 'output') out.push({ type: 'send', to: 'client', bytes: one.bytes });
      else if (one.type === 'finished')
        out.push({ type: 'close', verdict: 'accepted', reason: 'download.finished' });
      else if (one.type === 'refused') refuse(one.failure, out);
      else if (one.type === 'aborted') cut(one.failure, out);
  }
}

function refuse({ verdict, reason, message }: TransferFailure, out: ProxyAction[]): void {
  out.push({ type: 'send', to: 'client', bytes: toBytes(`451 ${message}\n`) });
  out.push({ type: 'close', verdict, reason });
}

function cut({ verdict, reason }: TransferFailure, out: ProxyAction[]): void {
  out.push({ type: 'close', verdict, reason, how: 'reset' });
}
