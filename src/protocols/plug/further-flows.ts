// Further flows of a client that a plug takes into its session: each is a client port and a server connection of its own,
// and nothing but bytes between the two.

import type { Port, ProxyAction, ProxyEvent } from '../../proxy/engine.ts';
import type { CopiedDirections } from '../../proxy/relay-routes.ts';

type EventOf<Type extends ProxyEvent['type']> = Extract<ProxyEvent, { type: Type }>;

/** The flows of a session beside the one that it began with. */
export class FurtherFlows {
  readonly #directions: CopiedDirections;
  readonly #most: number;
  /** Channel numbers of the flows that there are. */
  readonly #open = new Set<number>();

  /** `most`: at a time. */
  constructor(directions: CopiedDirections, most: number) {
    this.#directions = directions;
    this.#most = most;
  }

  /** Whether there is no further flow. */
  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  /** Claims what the client sends from other ports to the same destination. */
  begin(out: ProxyAction[]): void {
    out.push({ type: 'claim', side: 'client', max: this.#most });
  }

  /** Takes what happens to a further flow; false: it is about something else. */
  takes(event: ProxyEvent, out: ProxyAction[]): boolean {
    const number = numberOf(event);
    if (number === undefined) return false;
    switch (event.type) {
      case 'accepted':
        this.#open.add(number);
        out.push({ type: 'hold', from: `client#${number}` });
        out.push({ type: 'connect', port: `server#${number}` });
        break;
      case 'connected':
        this.#copy(number, out);
        break;
      case 'connect-failed':
        this.#fail(number, event, out);
        break;
      case 'ended':
        this.#drop(number, out);
        break;
      default: // bytes of a direction that is not copied, and relays that were cut
    }
    return true;
  }

  #copy(number: number, out: ProxyAction[]): void {
    const { copyToServer, copyToClient } = this.#directions;
    const [client, server] = [`client#${number}`, `server#${number}`] as const;
    if (copyToServer) out.push({ type: 'relay', from: client, to: server, length: Infinity });
    if (copyToClient) out.push({ type: 'relay', from: server, to: client, length: Infinity });
    out.push({ type: 'release', from: client });
  }

  /** What failed once may fail again: later flows are sessions of their own, where the policy decides about each. */
  #fail(number: number, { failure }: EventOf<'connect-failed'>, out: ProxyAction[]): void {
    const { reason, message } = failure;
    const fields = { flow: number, reason };
    out.push({ type: 'log', level: 'policy', code: 'plug.flow-refused', message, fields });
    this.#drop(number, out);
    out.push({ type: 'claim', side: 'client', max: 0 });
  }

  #drop(number: number, out: ProxyAction[]): void {
    this.#open.delete(number);
    out.push({ type: 'disconnect', port: `client#${number}` });
    out.push({ type: 'disconnect', port: `server#${number}` });
  }
}

/** The channel number of the port that an event is about. */
function numberOf(event: ProxyEvent): number | undefined {
  const port: Port | undefined =
    'port' in event ? event.port : 'from' in event ? event.from : undefined;
  const [, number] = port?.split('#') ?? [];
  return number === undefined ? undefined : Number(number);
}
