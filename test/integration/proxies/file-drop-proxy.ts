// A proxy in the manner of FTP, as small as it can be: lines are commands, and files come on connections of their own.
// PASSIVE: the client connects to a port of ours, and what it sends goes to a second connection to the server.
// ACTIVE: the server connects to a port of ours, and what it sends goes to the client, which hears how that ended.

import type {
  ProxyAction,
  ProxyEngine,
  ProxyEvent,
  ProxyFactory,
} from '../../../src/proxy/engine.ts';
import type { ProxySession } from '../../../src/proxy/proxy-session.ts';

/** Options of the proxy. */
export interface FileDropOptions {
  /** How long a connection is waited for. Default: 10 s. */
  readonly timeoutMs?: number;
  /** Whether files come through the listener that the client came through. Default: false. */
  readonly atListener?: boolean;
}

/** Makes the proxy. */
export function fileDropProxy(options: FileDropOptions = {}): ProxyFactory {
  return {
    name: 'file-drop',
    tellsRefusals: false,
    stacks: [],
    create: ({ session }) => new FileDrop(options, session),
    explain: () => 'passes files on connections of their own',
  };
}

type EventOf<Type extends ProxyEvent['type']> = Extract<ProxyEvent, { type: Type }>;

class FileDrop implements ProxyEngine {
  readonly #options: FileDropOptions;
  readonly #session: ProxySession;
  #line = '';
  #files = 0;

  constructor(options: FileDropOptions, session: ProxySession) {
    this.#options = options;
    this.#session = session;
  }

  handle(event: ProxyEvent): ProxyAction[] {
    switch (event.type) {
      case 'started':
        return [{ type: 'connect', port: 'server' }];
      case 'received':
        return event.from === 'client' ? this.#receive(event) : [];
      case 'listening':
        return [tell('client', `${event.port} ${String(event.address)}`)];
      case 'accepted':
        return accept(event);
      case 'connected':
        return connected(event);
      case 'expect-failed':
      case 'connect-failed':
        return [tell('client', `failed ${event.failure.reason}`)];
      case 'ended':
        return end(event);
      default:
        return [];
    }
  }

  #receive({ bytes }: EventOf<'received'>): ProxyAction[] {
    const lines = (this.#line + Buffer.from(bytes).toString('latin1')).split('\n');
    this.#line = lines.pop() ?? '';
    return lines.flatMap((line) => this.#command(line));
  }

  #command(line: string): ProxyAction[] {
    const { timeoutMs = 10_000, atListener = false } = this.#options;
    const number = ++this.#files;
    const at = atListener ? { at: this.#session.clientLocal } : {};
    if (line === 'PASSIVE') return [{ type: 'expect', port: `client#${number}`, timeoutMs, ...at }];
    if (line === 'ACTIVE') return [{ type: 'expect', port: `server#${number}`, timeoutMs }];
    return [{ type: 'close', verdict: 'accepted', reason: 'file-drop.quit' }];
  }
}

function accept({ port }: EventOf<'accepted'>): ProxyAction[] {
  if (port.startsWith('server'))
    return [{ type: 'relay', from: port, to: 'client', length: Infinity }];
  return [
    { type: 'hold', from: port },
    { type: 'connect', port: `server#${numberOf(port)}` },
  ];
}

function connected({ port }: EventOf<'connected'>): ProxyAction[] {
  if (port === 'server') return [tell('client', 'welcome')];
  const file = `client#${numberOf(port)}` as const;
  return [
    { type: 'relay', from: file, to: port, length: Infinity },
    { type: 'release', from: file },
  ];
}

function end({ from }: EventOf<'ended'>): ProxyAction[] {
  if (from === 'client' || from === 'server')
    return [{ type: 'close', verdict: 'accepted', reason: `file-drop.${from}-ended` }];
  if (from.startsWith('server'))
    return [{ type: 'disconnect', port: from }, tell('client', `done ${from}`)];
  return [
    { type: 'end', to: `server#${numberOf(from)}` },
    { type: 'disconnect', port: from },
    tell('client', `done ${from}`),
  ];
}

function numberOf(port: string): number {
  return Number(port.split('#')[1]);
}

function tell(to: 'client', line: string): ProxyAction {
  return { type: 'send', to, bytes: Buffer.from(`${line}\n`) };
}
