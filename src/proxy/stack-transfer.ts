// One body on its way through a stacked child: source -> child -> destination. What announces the body waits until the
// child has given its first byte or its word, so that a refusal can stand in its place. Engines feed it and obey its news.

import type { ContentDecoding } from './content-decoding.ts';
import type { ContentHint } from './content-hint.ts';
import type { ContentVerdict } from './content-verdict.ts';
import { isContentRefused } from './content-verdict.ts';
import type {
  Bytes,
  ConnectFailure,
  Port,
  ProxyAction,
  ProxyEvent,
  StackedChild,
} from './engine.ts';
import { HeaderBlock } from './header-block.ts';

/** The child takes the source for its client, whichever side that is: so one program filters up- and downloads. */
const INPUT: Port = 'stack-client';
const OUTPUT: Port = 'stack-server';

const IDLE_TIMER = 'transfer.idle';
const PROGRESS_TIMER = 'transfer.progress';

/** How a transfer runs. */
export interface TransferOptions {
  readonly child: StackedChild;
  readonly hint?: ContentHint;
  /** How the body is coded: the child gets it decoded. Default: as it comes. */
  readonly decode?: ContentDecoding | undefined;
  /**
   * The child gives a message back, whose header of at most this many bytes goes nowhere: only what follows it is output.
   * Default: all is output.
   */
  readonly maxHeaderBytes?: number | undefined;
  /** Where the body comes from: it is held while there is nobody to take it. */
  readonly source: Port;
  /** It fails after this time without a byte of anybody. */
  readonly idleTimeoutMs: number;
  /** Tells of `progress` every so often, for a word that keeps the other side patient (NOOP). Default: never. */
  readonly progressMs?: number;
  /** Whether the output waits for `resume` after `begin`, for an answer to what announces it (354, 150). Default: false. */
  readonly pausesAtBegin?: boolean;
  /** Whether the child goes on with the source when the destination has failed, so that it sees all. Default: false. */
  readonly completeCopy?: boolean;
}

/** Why a transfer came to nothing, or to something incomplete. */
export interface TransferFailure {
  readonly reason: string;
  readonly verdict: ConnectFailure['verdict'];
  readonly message: string;
  /** The word of the child, if it was that. */
  readonly content?: ContentVerdict;
}

/** What an engine is to do. `finished`, `refused` and `aborted` come last, and one of them once. */
export type TransferNews =
  /** The body goes out: what announces it goes first. Once, before any output. */
  | { readonly type: 'begin' }
  /** Bytes for the destination: borrowed, as those of the event. */
  | { readonly type: 'output'; readonly bytes: Bytes }
  /** The child says how long its output will be. */
  | { readonly type: 'length'; readonly length: number }
  | { readonly type: 'progress' }
  /** The destination has all. */
  | { readonly type: 'finished' }
  /** Nothing has gone to the destination: it can be told something else. */
  | { readonly type: 'refused'; readonly failure: TransferFailure }
  /** The destination has a part: it must be cut off, so that nobody takes that for all. */
  | { readonly type: 'aborted'; readonly failure: TransferFailure };

/** `withheld`: nothing has gone out. `paused`: announced, waits for `resume`. `drained`: the destination failed. */
type State = 'stacking' | 'withheld' | 'paused' | 'flowing' | 'draining' | 'over';

/** One transfer. The engine hands it all events of the stack's ports and of its timers. */
export class StackTransfer {
  readonly #options: TransferOptions;
  #state: State = 'stacking';
  /** Input that came before the child ran, or output that came while paused: what one event brought. */
  #kept: Bytes[] = [];
  #isSourceEnded = false;
  #isSourceGone = false;
  #isInputOpen = false;
  #isOutputEnded = false;
  /** The child has ended well. Its last bytes may still wait: a port that is held is not waited for. */
  #hasChildFinished = false;
  /** The header of the output, where it has one. */
  readonly #header: HeaderBlock | undefined;

  constructor(options: TransferOptions) {
    const { maxHeaderBytes } = options;
    this.#options = options;
    this.#header = maxHeaderBytes === undefined ? undefined : new HeaderBlock(maxHeaderBytes);
  }

  /** Whether the end has been told. What still comes from the source is swallowed, so that its connection stays in step. */
  get isOver(): boolean {
    return this.#state === 'over';
  }

  /** Asks for the child. */
  begin(out: ProxyAction[]): void {
    const { child, hint, decode, source, idleTimeoutMs } = this.#options;
    out.push({ type: 'hold', from: source });
    out.push({
      ...{ type: 'stack', child },
      ...(hint !== undefined && { hint }),
      ...(decode !== undefined && { decode }),
    });
    out.push({ type: 'timer', timer: IDLE_TIMER, afterMs: idleTimeoutMs, mode: 'idle' });
    this.#armProgress(out);
  }

  /** Takes bytes of the source, as far as they belong to the body and without what frames them. */
  give(bytes: Bytes, out: ProxyAction[]): void {
    if (this.#isSourceEnded || this.isOver) return;
    if (this.#state === 'stacking') this.#kept.push(Uint8Array.from(bytes));
    else if (this.#isInputOpen) out.push({ type: 'send', to: INPUT, bytes });
  }

  /** The source has given all. */
  giveEnd(out: ProxyAction[]): void {
    if (this.#isSourceEnded) return;
    this.#isSourceEnded = true;
    if (this.#isInputOpen) out.push({ type: 'end', to: INPUT });
  }

  /** The connection of the source is dropped, after it has given all. */
  forgetSource(): void {
    this.#isSourceGone = true;
  }

  /** The source broke off before it had given all: the child must not take what it has for the whole. */
  failSource(out: ProxyAction[]): readonly TransferNews[] {
    return this.isOver ? [] : this.#fail(SOURCE_FAILED, out);
  }

  /** Takes an event: what the engine is to do, in order. */
  handle(event: ProxyEvent, out: ProxyAction[]): readonly TransferNews[] {
    if (this.isOver) return this.#handleLate(event, out);
    if (this.#state === 'stacking') return this.#handleEarly(event, out);
    switch (event.type) {
      case 'received':
        return event.from === OUTPUT ? this.#message(event.bytes, out) : [];
      case 'ended':
        return this.#ended(event, out);
      case 'stack-content-verdict':
        return this.#judged(event.verdict, out);
      case 'stack-content-hint':
        return this.#hinted(event.length);
      case 'stack-verdict':
        return this.#childEnded(event, out);
      case 'elapsed':
        return this.#elapsed(event.timer, out);
      default:
        return [];
    }
  }

  /** Goes on after `begin`, with `pausesAtBegin`. */
  resume(out: ProxyAction[]): readonly TransferNews[] {
    if (this.#state !== 'paused') return [];
    this.#state = 'flowing';
    out.push({ type: 'release', from: OUTPUT });
    const news = this.#kept.map((bytes): TransferNews => ({ type: 'output', bytes }));
    this.#kept = [];
    return [...news, ...this.#finishIfDone(out)];
  }

  /** The destination takes no more. */
  failDestination(out: ProxyAction[]): readonly TransferNews[] {
    if (this.isOver) return [];
    if (this.#options.completeCopy !== true) return this.#fail(DESTINATION_FAILED, out);
    if (this.#state === 'paused') out.push({ type: 'release', from: OUTPUT });
    this.#kept = [];
    this.#state = 'draining';
    return this.#finishIfDone(out);
  }

  /** Until the child runs: what an earlier child may still say is not about this transfer. */
  #handleEarly(event: ProxyEvent, out: ProxyAction[]): readonly TransferNews[] {
    if (event.type === 'stacked') this.#stacked(out);
    if (event.type === 'stack-refused') return this.#fail(event.failure, out);
    return event.type === 'elapsed' ? this.#elapsed(event.timer, out) : [];
  }

  /** A child that comes too late is sent away. */
  #handleLate(event: ProxyEvent, out: ProxyAction[]): readonly TransferNews[] {
    if (event.type === 'stacked') letChildGo(out);
    return [];
  }

  #stacked(out: ProxyAction[]): void {
    this.#state = 'withheld';
    this.#isInputOpen = true;
    out.push({ type: 'end', to: OUTPUT }); // nothing is ever said to the child's other side
    for (const bytes of this.#kept) out.push({ type: 'send', to: INPUT, bytes });
    this.#kept = [];
    if (this.#isSourceEnded) out.push({ type: 'end', to: INPUT });
    this.#releaseSource(out);
  }

  /** With a header the length of the whole says nothing certain of that of the body. */
  #hinted(length: number): readonly TransferNews[] {
    return this.#header === undefined ? [{ type: 'length', length }] : [];
  }

  /** What the child gives, whose header is not part of the body. */
  #message(bytes: Bytes, out: ProxyAction[]): readonly TransferNews[] {
    const header = this.#header;
    if (header === undefined || header.isOver) return this.#output(bytes, out);
    const body = header.take(bytes);
    return header.isTooLong ? this.#fail(BAD_HEADER, out) : this.#output(body, out);
  }

  #output(bytes: Bytes, out: ProxyAction[]): readonly TransferNews[] {
    if (this.#state === 'draining' || bytes.length === 0) return [];
    const news = this.#announce(out);
    if (this.#state !== 'paused') return [...news, { type: 'output', bytes }];
    this.#kept.push(Uint8Array.from(bytes));
    return news;
  }

  /** The announcement, if it has not gone. */
  #announce(out: ProxyAction[]): readonly TransferNews[] {
    if (this.#state !== 'withheld') return [];
    this.#state = this.#options.pausesAtBegin === true ? 'paused' : 'flowing';
    if (this.#state === 'paused') out.push({ type: 'hold', from: OUTPUT });
    return [{ type: 'begin' }];
  }

  #ended(
    { from, error }: Extract<ProxyEvent, { type: 'ended' }>,
    out: ProxyAction[],
  ): readonly TransferNews[] {
    if (from === INPUT) this.#isInputOpen &&= error === undefined;
    if (from !== OUTPUT) return [];
    // Whether an end of its output is the end of the body, only its verdict says; a loss is none.
    if (error !== undefined) return this.#fail(CHILD_BROKE, out);
    this.#isOutputEnded = true;
    return this.#finishIfDone(out);
  }

  #judged(content: ContentVerdict, out: ProxyAction[]): readonly TransferNews[] {
    if (isContentRefused(content)) return this.#fail(refusedBy(content), out);
    return content.word === 'accept' ? this.#announce(out) : [];
  }

  #childEnded(
    { verdict, reason, how }: Extract<ProxyEvent, { type: 'stack-verdict' }>,
    out: ProxyAction[],
  ): readonly TransferNews[] {
    this.#isInputOpen = false;
    if (verdict !== 'accepted' || how !== undefined) {
      const failed = verdict === 'accepted' ? 'denied-by-unknown-fail' : verdict;
      const message = 'What checks the contents ended before its time';
      return this.#fail({ verdict: failed, reason, message }, out);
    }
    this.#hasChildFinished = true;
    return this.#finishIfDone(out);
  }

  #elapsed(timer: string, out: ProxyAction[]): readonly TransferNews[] {
    if (timer === IDLE_TIMER) return this.#fail(STOOD_STILL, out);
    if (timer !== PROGRESS_TIMER) return [];
    this.#armProgress(out);
    return [{ type: 'progress' }];
  }

  #finishIfDone(out: ProxyAction[]): readonly TransferNews[] {
    if (!this.#hasChildFinished || !this.#isOutputEnded) return [];
    if (this.#state === 'draining') return this.#fail(DESTINATION_FAILED, out);
    if (this.#header?.isOver === false) return this.#fail(BAD_HEADER, out);
    const news = this.#announce(out);
    if (this.#state === 'paused') return news;
    this.#end(out);
    return [...news, { type: 'finished' }];
  }

  /** Ends with a failure: refused if the destination is untouched, otherwise aborted. */
  #fail(failure: TransferFailure, out: ProxyAction[]): readonly TransferNews[] {
    const isUntouched = this.#state === 'stacking' || this.#state === 'withheld';
    this.#end(out);
    const type = isUntouched && failure !== DESTINATION_FAILED ? 'refused' : 'aborted';
    return [{ type, failure }];
  }

  #end(out: ProxyAction[]): void {
    const wasStacking = this.#state === 'stacking';
    this.#state = 'over';
    this.#kept = [];
    this.#isInputOpen = false;
    if (wasStacking) this.#releaseSource(out);
    else letChildGo(out);
    for (const timer of [IDLE_TIMER, PROGRESS_TIMER])
      out.push({ type: 'timer', timer, afterMs: undefined, mode: 'total' });
  }

  #releaseSource(out: ProxyAction[]): void {
    if (!this.#isSourceGone) out.push({ type: 'release', from: this.#options.source });
  }

  #armProgress(out: ProxyAction[]): void {
    const { progressMs } = this.#options;
    if (progressMs !== undefined)
      out.push({ type: 'timer', timer: PROGRESS_TIMER, afterMs: progressMs, mode: 'total' });
  }
}

function letChildGo(out: ProxyAction[]): void {
  out.push({ type: 'disconnect', port: INPUT }, { type: 'disconnect', port: OUTPUT });
}

function refusedBy(content: ContentVerdict): TransferFailure {
  const { word, description, reason = `content.${word}` } = content;
  const message = description === '' ? 'The contents were refused' : description;
  const isFailure = word === 'error' && content.reason === undefined;
  const verdict = isFailure ? 'denied-by-unknown-fail' : 'denied-by-policy';
  return { verdict, reason, message, content };
}

const CHILD_BROKE: TransferFailure = {
  verdict: 'denied-by-unknown-fail',
  reason: 'content.broken-off',
  message: 'What checks the contents broke off',
};

const BAD_HEADER: TransferFailure = {
  verdict: 'denied-by-unknown-fail',
  reason: 'content.bad-header',
  message: 'What checks the contents gave no message with a header back',
};

const STOOD_STILL: TransferFailure = {
  verdict: 'denied-by-limit',
  reason: 'content.timeout',
  message: 'The contents stood still for too long',
};

const SOURCE_FAILED: TransferFailure = {
  verdict: 'denied-by-connection-fail',
  reason: 'content.source-lost',
  message: 'The contents ended before they were complete',
};

const DESTINATION_FAILED: TransferFailure = {
  verdict: 'denied-by-connection-fail',
  reason: 'content.destination-lost',
  message: 'The contents could not be delivered',
};
