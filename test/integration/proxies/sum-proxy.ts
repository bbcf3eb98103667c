// A proxy that joins the connections of one client: it counts the lines of all of them, and tells the sum to everyone who
// asks with an empty line. There is no server behind it.

import type {
  Port,
  ProxyAction,
  ProxyEngine,
  ProxyEvent,
  ProxyFactory,
} from '../../../src/proxy/engine.ts';

/** Makes the proxy, which takes this many further connections at once. */
export function sumProxy(max: number): ProxyFactory {
  return {
    name: 'sum',
    tellsRefusals: false,
    stacks: [],
    create: () => new Sum(max),
    explain: () => 'counts the lines of all connections of a client',
  };
}

class Sum implements ProxyEngine {
  readonly #max: number;
  readonly #lines = new Map<Port, string>();
  #sum = 0;

  constructor(max: number) {
    this.#max = max;
  }

  handle(event: ProxyEvent): ProxyAction[] {
    switch (event.type) {
      case 'started':
        return [{ type: 'claim', side: 'client', max: this.#max }];
      case 'accepted':
        return [tell(event.port, `joined ${event.port}`)];
      case 'received':
        return this.#count(event.from, Buffer.from(event.bytes).toString('latin1'));
      case 'ended':
        if (event.from === 'client')
          return [{ type: 'close', verdict: 'accepted', reason: 'sum.client-ended' }];
        return [{ type: 'disconnect', port: event.from }];
      default:
        return [];
    }
  }

  #count(from: Port, text: string): ProxyAction[] {
    const lines = ((this.#lines.get(from) ?? '') + text).split('\n');
    this.#lines.set(from, lines.pop() ?? '');
    return lines.flatMap((line) => {
      if (line === '') return [tell(from, String(this.#sum))];
      this.#sum++;
      return [];
    });
  }
}

function tell(to: Port, line: string): ProxyAction {
  return { type: 'send', to, bytes: Buffer.from(`${line}\n`) };
}
