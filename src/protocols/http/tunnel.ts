// CONNECT: after the policy has accepted it, what is inside goes to a proxy of its own, never straight to the server.

import type {
  Bytes,
  Port,
  ProxyAction,
  ProxyEvent,
  Stackable,
  Target,
} from '../../proxy/engine.ts';
import type { ContentVerdict } from '../../proxy/content-verdict.ts';
import { isContentRefused } from '../../proxy/content-verdict.ts';
import { bytesOf, copyOf } from './byte-text.ts';
import type { Ending } from './ending.ts';
import { accepted, close } from './ending.ts';
import type { Exchange } from './exchange.ts';
import { problemOfFailure, Refused, SERVER_CLOSED } from './problem.ts';

// A 2xx to CONNECT has neither Content-Length nor Transfer-Encoding (RFC 9110, 9.3.6).
const ESTABLISHED = bytesOf('HTTP/1.1 200 Connection established\r\n\r\n');

const PARTNERS: Readonly<Record<string, Port>> = {
  client: 'stack-client',
  'stack-client': 'client',
  server: 'stack-server',
  'stack-server': 'server',
};

type ChildEnd = Extract<ProxyEvent, { type: 'stack-verdict' }>;

/** A tunnel on its way: connecting, then stacking, then open. */
export class Tunnel {
  /** Whether the client has been told that the tunnel stands. */
  isOpen = false;
  /** Bytes that went to the client. */
  #bytes = 0;
  readonly #exchange: Exchange;
  readonly #child: Stackable;
  readonly #early: { readonly port: Port; readonly bytes: Bytes }[] = [];

  constructor(exchange: Exchange, child: Stackable) {
    this.#exchange = exchange;
    this.#child = child;
  }

  /** Asks for the connection. */
  begin(target: Target, out: ProxyAction[]): void {
    out.push({ type: 'connect', port: 'server', target });
  }

  /** Keeps bytes, which are its own, until the tunnel is open. */
  keep(port: Port, bytes: Bytes): void {
    this.#early.push({ port, bytes });
  }

  /** Handles an event of the tunnel; throws where the client is to be told that there is none. */
  handle(event: ProxyEvent, out: ProxyAction[]): void {
    switch (event.type) {
      case 'received':
        this.keep(event.from, copyOf(event.bytes));
        return;
      case 'connected':
        // What the server says first is for the child.
        out.push({ type: 'hold', from: 'server' }, { type: 'stack', child: this.#child });
        return;
      case 'connect-failed':
      case 'stack-refused':
        throw new Refused(problemOfFailure(event.failure));
      case 'stacked':
        this.#open(out);
        return;
      case 'relayed':
        if (event.to === 'client') this.#bytes += event.bytes;
        return;
      case 'ended':
        this.#ended(event.from, event.error, out);
        return;
      default:
        return this.#hearChild(event, out);
    }
  }

  #hearChild(event: ProxyEvent, out: ProxyAction[]): void {
    if (event.type === 'stack-content-verdict' && isContentRefused(event.verdict))
      out.push(refused(event.verdict));
    if (event.type !== 'stack-verdict') return;
    this.#exchange.log(200, this.#bytes, out);
    out.push(this.#endedByChild(event));
  }

  #open(out: ProxyAction[]): void {
    this.isOpen = true;
    out.push({ type: 'send', to: 'client', bytes: ESTABLISHED });
    for (const { port, bytes } of this.#early)
      out.push({ type: 'send', to: PARTNERS[port] ?? port, bytes });
    for (const [from, to] of Object.entries(PARTNERS))
      out.push({ type: 'relay', from: from as Port, to, length: Infinity });
    out.push({ type: 'release', from: 'client' }, { type: 'release', from: 'server' });
  }

  #endedByChild({ verdict, reason, how }: ChildEnd): ProxyAction {
    const message = `The ${this.#child.kind} ${this.#child.name} ended the tunnel`;
    return close({ verdict, reason, message }, how);
  }

  /** A half-close is passed on; a broken connection ends everything. */
  #ended(from: Port, error: string | undefined, out: ProxyAction[]): void {
    const partner = PARTNERS[from];
    if (error !== undefined) out.push(close(broken(from), 'reset'));
    else if (this.isOpen && partner !== undefined) out.push({ type: 'end', to: partner });
    else throw new Refused(SERVER_CLOSED);
  }
}

/** Contents that a child refuses: cut off, because no end of theirs may look like a proper one. */
function refused({ description }: ContentVerdict): ProxyAction {
  const message = `The contents of the tunnel were refused: ${description}`;
  return close({ verdict: 'denied-by-policy', reason: 'http.content-refused', message }, 'reset');
}

function broken(from: Port): Ending {
  const who = from === 'client' || from === 'server' ? from : 'service';
  return accepted('http.tunnel-broken', `The ${who} broke the tunnel off`);
}
