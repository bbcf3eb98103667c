// A tunnel, opened by CONNECT or by a switch to another protocol. The policy has accepted it; what is inside goes to a
// proxy of its own, which may be chosen by its first bytes, or passes without being looked at where the policy says so.

import { DROP_SERVER, isServerDropped } from '../../../proxy/child-ending.ts';
import type { ContentVerdict } from '../../../proxy/content-verdict.ts';
import { isContentRefused } from '../../../proxy/content-verdict.ts';
import type {
  Bytes,
  LogAction,
  Port,
  ProxyAction,
  ProxyEvent,
  StackChoice,
  Target,
} from '../../../proxy/engine.ts';
import { isStackable } from '../../../proxy/stackable.ts';
import { bytesOf, copyOf, NO_BYTES } from '../heads/byte-text.ts';
import type { Ending } from '../ending.ts';
import { accepted, close } from '../ending.ts';
import type { Exchange } from '../exchange.ts';
import { TIMER } from '../phase-timer.ts';
import { problemOfFailure, Refused, SERVER_CLOSED } from '../problem.ts';
import type { TunnelContents } from './connect-option.ts';
import { isForDetection, TunnelDetection } from './content-detection.ts';

/** What a client that asked for CONNECT is told. A 2xx to it has neither length nor coding (RFC 9110, 9.3.6). */
export const ESTABLISHED: Opening = {
  status: 200,
  head: bytesOf('HTTP/1.1 200 Connection established\r\n\r\n'),
};

/** The answer that opens a tunnel. */
export interface Opening {
  readonly status: number;
  readonly head: Bytes;
}

/** What a tunnel is made of. */
export interface TunnelParts {
  readonly exchange: Exchange;
  /** Undefined: nobody looks inside. */
  readonly contents: TunnelContents | undefined;
  readonly opening: Opening;
  /** How long nothing may move where nobody looks inside. */
  readonly timeoutMs: number;
  /** What the client has said already behind its request. */
  readonly takeUnread: () => Bytes | undefined;
}

type Partners = Readonly<Record<string, Port>>;

const DIRECT: Partners = { client: 'server', server: 'client' };
const STACKED: Partners = {
  client: 'stack-client',
  'stack-client': 'client',
  server: 'stack-server',
  'stack-server': 'server',
};

/** The links to the child that stand for both sides. */
const LINKS: Partners = { client: 'stack-client', server: 'stack-server' };

// A proxy that has something to say to a client that is left waits two seconds for it to end.
const LAST_WORD_MS = 3_000;

/** A tunnel on its way: connecting, then perhaps detecting, then stacking, then open. */
export class Tunnel {
  /** Whether the client has been told that the tunnel stands. */
  isOpen = false;
  readonly #parts: TunnelParts;
  #partners: Partners = STACKED;
  /** `breaking`: one side is gone, and the child is to say what it thinks of what was said before. */
  #state: 'connecting' | 'detecting' | 'stacking' | 'open' | 'breaking' = 'connecting';
  #brokenBy: Port | undefined;
  #detection: TunnelDetection | undefined;
  #child: StackChoice | undefined;
  /** Bytes that went to the client. */
  #bytes = 0;
  readonly #early: { readonly port: Port; readonly bytes: Bytes }[] = [];
  readonly #ended: Port[] = [];

  constructor(parts: TunnelParts) {
    this.#parts = parts;
  }

  /** Asks for the connection. */
  begin(target: Target, out: ProxyAction[]): void {
    out.push({ type: 'connect', port: 'server', target });
  }

  /** Keeps bytes, which are its own, until the tunnel is open. */
  keep(port: Port, bytes: Bytes): void {
    if (bytes.length > 0) this.#early.push({ port, bytes });
  }

  /** The server is connected. */
  establish(out: ProxyAction[]): void {
    const { contents } = this.#parts;
    if (contents === undefined) {
      this.#partners = DIRECT;
      this.#keepUnread();
      this.#open(out);
      return;
    }
    out.push({ type: 'hold', from: 'server' }); // what the server says first is for the child
    if (isStackable(contents)) this.#stack(contents, out);
    else this.#detect(new TunnelDetection(contents), out);
  }

  /** Handles an event of the tunnel; throws where the client is to be told that there is none. */
  handle(event: ProxyEvent, out: ProxyAction[]): void {
    if (this.#state === 'detecting' && isForDetection(event)) {
      this.#look(event, out);
      return;
    }
    switch (event.type) {
      case 'received':
        if (this.#state !== 'breaking') this.keep(event.from, copyOf(event.bytes));
        return;
      case 'connected':
        return this.establish(out);
      case 'connect-failed':
      case 'stack-refused':
        throw new Refused(problemOfFailure(event.failure));
      case 'stacked':
        this.#keepUnread();
        return this.#open(out);
      case 'ended':
        return this.#endedPort(event, out);
      default:
        return this.#handleOpen(event, out);
    }
  }

  #handleOpen(event: ProxyEvent, out: ProxyAction[]): void {
    if (event.type === 'relayed' && event.to === 'client') this.#bytes += event.bytes;
    else if (event.type !== 'elapsed') this.#hearChild(event, out);
    else if (this.#brokenBy !== undefined) this.#close(broken(this.#brokenBy), 'reset', out);
    else if (this.#state === 'open') this.#close(TIMED_OUT, undefined, out);
  }

  #detect(detection: TunnelDetection, out: ProxyAction[]): void {
    this.#state = 'detecting';
    this.#detection = detection;
    this.#tellOpen(out);
    detection.begin(out);
    out.push({ type: 'release', from: 'client' });
    const unread = this.#parts.takeUnread();
    if (unread !== undefined) this.#found(detection.received('client', unread), out);
  }

  #look(
    event: Extract<ProxyEvent, { type: 'received' | 'ended' | 'elapsed' }>,
    out: ProxyAction[],
  ): void {
    const detection = this.#detection;
    if (detection === undefined) return;
    if (event.type === 'elapsed') this.#found(detection.elapsed(out), out);
    else if (event.from !== 'client' && event.from !== 'server') return;
    else if (event.type === 'received')
      this.#found(detection.received(event.from, event.bytes), out);
    else if (event.error !== undefined) this.#close(broken(event.from), 'reset', out);
    else {
      this.#ended.push(event.from);
      this.#found(detection.ended(event.from), out);
    }
  }

  #found(found: StackChoice | 'none' | 'undecided', out: ProxyAction[]): void {
    if (found === 'undecided') return;
    if (found === 'none') {
      this.#close(UNKNOWN_CONTENTS, 'reset', out);
      return;
    }
    for (const side of ['client', 'server'] as const) {
      this.keep(side, this.#detection?.bytesOf(side) ?? NO_BYTES);
      out.push({ type: 'hold', from: side });
    }
    out.push({ type: 'timer', timer: TIMER, afterMs: undefined, mode: 'total' });
    this.#stack(found, out);
  }

  #stack(child: StackChoice, out: ProxyAction[]): void {
    this.#state = 'stacking';
    this.#child = child;
    out.push({ type: 'stack', child });
  }

  #keepUnread(): void {
    const unread = this.#parts.takeUnread();
    if (unread !== undefined) this.keep('client', unread);
  }

  #open(out: ProxyAction[]): void {
    const { timeoutMs } = this.#parts;
    this.#state = 'open';
    this.#tellOpen(out);
    if (this.#partners === DIRECT)
      out.push({ type: 'timer', timer: TIMER, afterMs: timeoutMs, mode: 'idle' });
    for (const { port, bytes } of this.#early) this.#send(this.#partners[port] ?? port, bytes, out);
    // The keys are ports.
    for (const [from, to] of Object.entries(this.#partners) as [Port, Port][])
      out.push(
        this.#ended.includes(from)
          ? { type: 'end', to }
          : { type: 'relay', from, to, length: Infinity },
      );
    out.push({ type: 'release', from: 'client' });
    if (this.#child !== undefined) out.push({ type: 'release', from: 'server' });
  }

  #send(to: Port, bytes: Bytes, out: ProxyAction[]): void {
    if (to === 'client') this.#bytes += bytes.length;
    out.push({ type: 'send', to, bytes });
  }

  #tellOpen(out: ProxyAction[]): void {
    if (this.isOpen) return;
    this.isOpen = true;
    out.push({ type: 'send', to: 'client', bytes: this.#parts.opening.head });
  }

  #hearChild(event: ProxyEvent, out: ProxyAction[]): void {
    if (event.type === 'stack-content-verdict' && isContentRefused(event.verdict))
      this.#close(refused(event.verdict), 'reset', out);
    else if (event.type === 'stack-verdict') this.#childEnded(event, out);
  }

  #childEnded(event: ChildVerdict, out: ProxyAction[]): void {
    const { verdict, how } = event;
    const child = this.#child;
    const ending = endingOf(event, child);
    if (this.#brokenBy === undefined) {
      this.#close(ending, how, out);
      return;
    }
    // To a program a break is an end like any other: it would end the other side as if all had been said, and the way that
    // it ends itself is no word of its own.
    const isAware = child?.kind === 'service';
    const isWord = isAware && verdict !== 'accepted';
    this.#close(isWord ? ending : broken(this.#brokenBy), isAware ? how : 'reset', out);
  }

  /** A half-close is passed on; a broken connection ends everything, but for a server that its service drops. */
  #endedPort(event: Extract<ProxyEvent, { type: 'ended' }>, out: ProxyAction[]): void {
    const { from, error } = event;
    const isRunning = this.#state === 'open' || this.#state === 'breaking';
    const partner = this.#partners[from];
    if (isServerDropped(event, this.#child)) out.push(DROP_SERVER);
    else if (error !== undefined) this.#broke(from, isRunning, out);
    else if (!isRunning || partner === undefined) throw new Refused(SERVER_CLOSED);
    else this.#passEnd(from, partner, out);
  }

  /** A child that runs is broken off, too, and heard: it may have refused what the client asked for just before. */
  #broke(from: Port, isRunning: boolean, out: ProxyAction[]): void {
    const link = isRunning && this.#child !== undefined ? LINKS[from] : undefined;
    if (link !== undefined) {
      out.push({ type: 'disconnect', port: link, how: 'reset' });
      if (this.#brokenBy === undefined)
        out.push({ type: 'timer', timer: TIMER, afterMs: LAST_WORD_MS, mode: 'total' });
      this.#brokenBy ??= from;
      this.#state = 'breaking';
    } else if (this.#brokenBy === undefined) {
      this.#close(broken(from), 'reset', out);
    }
  }

  #passEnd(from: Port, to: Port, out: ProxyAction[]): void {
    if (this.#ended.includes(from)) return;
    this.#ended.push(from);
    out.push({ type: 'end', to });
    // A child says itself when it has ended, and how.
    if (this.#partners === DIRECT && this.#ended.length === 2)
      this.#close(BOTH_ENDED, undefined, out);
  }

  /** The accounting line of a tunnel that others end. */
  lastWords(reason: string, out: LogAction[]): void {
    const { exchange, opening } = this.#parts;
    exchange.log(this.isOpen ? opening.status : 0, this.#bytes, out, reason);
  }

  #close(ending: Ending, how: 'reset' | undefined, out: ProxyAction[]): void {
    const { exchange, opening } = this.#parts;
    const isFailure = ending.verdict !== 'accepted';
    exchange.log(opening.status, this.#bytes, out, isFailure ? ending.reason : undefined);
    out.push(close(ending, how));
  }
}

/** Contents that a child refuses: cut off, because no end of theirs may look like a proper one. */
function refused({ description }: ContentVerdict): Ending {
  const message = `The contents of the tunnel were refused: ${description}`;
  return { verdict: 'denied-by-policy', reason: 'http.content-refused', message };
}

function broken(from: Port): Ending {
  const who = from === 'client' || from === 'server' ? from : 'service';
  return accepted('http.tunnel-broken', `The ${who} broke the tunnel off`);
}

type ChildVerdict = Extract<ProxyEvent, { type: 'stack-verdict' }>;

/** A child that has refused may say why: so does the record, then. */
function endingOf(
  { verdict, reason, message }: ChildVerdict,
  child: StackChoice | undefined,
): Ending {
  const why = verdict === 'accepted' || message === undefined ? '' : `: ${message}`;
  const name = `${child?.kind ?? 'service'} ${child?.name ?? ''}`;
  return { verdict, reason, message: `The ${name} ended the tunnel${why}` };
}

const BOTH_ENDED = accepted('http.tunnel-ended', 'Both sides ended the tunnel');
const TIMED_OUT = accepted('http.tunnel-idle', 'Nothing moved for as long as the policy allows');
const UNKNOWN_CONTENTS: Ending = {
  verdict: 'denied-by-policy',
  reason: 'http.unknown-contents',
  message: 'The policy has no service for what is said in this tunnel',
};
