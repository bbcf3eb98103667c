// Makes the conversation that a script gets: the two peers, and what is about both.

import { isPort } from '../../address/port.ts';
import { disregard, isPromise } from '../../proxy/policy-call.ts';
import { showValue } from '../../proxy/policy-fault.ts';
import type { ProxySession } from '../../proxy/proxy-session.ts';
import type { ConnectFailure, Target } from '../../proxy/engine.ts';
import type { Conversation, NextBytes, NextLine, Peer, ScriptVerdict } from './conversation.ts';
import { Unavailable } from './ending.ts';
import type { Inbox, PeerName } from './inbox.ts';
import type { Parts } from './parts.ts';
import { makePeer, nextText, takeSome } from './peer.ts';
import { relayThrough } from './relay-through.ts';
import type { Given, Waiting } from './step.ts';
import { given, Step } from './step.ts';
import type { Wire } from './wire.ts';

/** Makes the conversation of a session. */
export function makeConversation(parts: Parts, session: ProxySession): Conversation {
  const { settings } = parts;
  const peers = { client: makePeer('client', parts), server: makePeer('server', parts) };
  const told = new Set<Inbox>();
  return Object.freeze<Conversation>({
    ...peers,
    session,
    connect: (target) => orThrow(tryConnect(parts, 'connect()', target)),
    tryConnect: (target) => tryConnect(parts, 'tryConnect()', target),
    relay: () => relay(parts),
    relayThrough: (child) => relayThrough(parts, child),
    nextLine: () =>
      next(parts, told, {
        call: 'nextLine()',
        turnOf: (inbox) => inbox.lineTurn,
        take: (inbox): NextLine => ({ ...whoOf(peers, inbox), line: nextText(inbox, settings) }),
      }),
    nextBytes: () =>
      next(parts, told, {
        call: 'nextBytes()',
        turnOf: (inbox) => inbox.bytesTurn,
        take: (inbox): NextBytes => ({
          ...whoOf(peers, inbox),
          bytes: takeSome(inbox),
        }),
      }),
    wait: (promise) => wait(parts, promise),
    ...words(parts),
  });
}

const VERDICTS: readonly unknown[] = [
  'accept',
  'reject',
  'drop',
  'error',
] satisfies ScriptVerdict[];

/** What a script says to others than its peers: to the parent, and to the log. */
function words({
  referee,
  wire,
}: Parts): Pick<Conversation, 'log' | 'setContentHint' | 'setVerdict'> {
  return {
    setVerdict: (word, description = '') => {
      if (!VERDICTS.includes(word) || typeof description !== 'string')
        referee.fail(`called setVerdict(${showValue(word)}): give ${VERDICTS.join(', ')}`);
      referee.spend(0);
      wire.act({ type: 'content-verdict', verdict: { word, description } });
    },
    setContentHint: (length) => {
      if (!Number.isSafeInteger(length) || length < 0)
        referee.fail(`called setContentHint(${showValue(length)}): give a number of bytes`);
      referee.spend(0);
      wire.act({ type: 'content-hint', length });
    },
    log: (message) => {
      referee.spend(0);
      const text = typeof message === 'string' ? message : showValue(message);
      wire.act({ type: 'log', level: 'info', code: 'custom.log', message: text });
    },
  };
}

function tryConnect(
  { referee, wire }: Parts,
  call: string,
  target: Target | undefined,
): Waiting<ConnectFailure | undefined> {
  return referee.waiting(() => {
    if (target !== undefined && !isTarget(target))
      referee.fail(`called ${call} with ${showValue(target)}: give { host, port }`);
    const wanted = target === undefined ? undefined : { host: target.host, port: target.port };
    const begin = () => {
      wire.connect(wanted);
    };
    return new Step({ call, reads: [], begin, attempt: () => connectResult(wire) });
  });
}

function connectResult({ server }: Wire): Given<ConnectFailure | undefined> | undefined {
  if (typeof server !== 'string') return given(server);
  return server === 'connected' ? given(undefined) : undefined;
}

function isTarget(target: unknown): target is Target {
  if (typeof target !== 'object' || target === null) return false;
  const { host, port } = target as Partial<Record<keyof Target, unknown>>; // looked at here
  return typeof host === 'string' && host !== '' && isPort(port);
}

function* orThrow(connecting: Waiting<ConnectFailure | undefined>): Waiting<undefined> {
  const failure = yield* connecting;
  if (failure !== undefined) throw new Unavailable(failure);
  return undefined;
}

function relay({ inboxes, referee, slot, wire }: Parts): Waiting<undefined> {
  const { client, server } = inboxes;
  const begin = () => {
    slot.checkFree('relayed');
    wire.checkRelay();
    wire.whenInStep(() => {
      wire.passAll('direct');
    });
  };
  const attempt = () => (client.hasEnded && server.hasEnded ? given(undefined) : undefined);
  return referee.waiting(() => new Step({ call: 'relay()', reads: [], begin, attempt }));
}

function wait<Value>({ referee, wire }: Parts, promise: PromiseLike<Value>): Waiting<Value> {
  return referee.waiting(() => {
    if (!isPromise(promise))
      referee.fail(`called wait(${showValue(promise)}): give it a promise, not a function`);
    // A script that forgets the `yield*` waits for nothing. What only looks like a promise may begin its work when it is asked.
    if (promise instanceof Promise) disregard(promise);
    const begin = () => {
      wire.wait(promise);
    };
    // The pump settles with what this very promise came to.
    const attempt = () => wire.takeOutcome() as Given<Value> | undefined;
    return new Step<Value>({ call: 'wait()', reads: [], begin, attempt });
  });
}

/** What `nextLine` and `nextBytes` take. */
interface Unit<Value> {
  readonly call: string;
  /** The turn of the conversation in which one of them, or the end, was there. */
  readonly turnOf: (inbox: Inbox) => number | undefined;
  readonly take: (inbox: Inbox) => Value;
}

/** `told` are the sides whose end the script has been told of: it waits for the other one then. */
function next<Value>(
  { inboxes, referee, wire }: Parts,
  told: Set<Inbox>,
  { call, turnOf, take }: Unit<Value>,
): Waiting<Value> {
  const attempt = (): Given<Value> | undefined => {
    const there = wire.server === 'connected' ? [inboxes.client, inboxes.server] : [inboxes.client];
    const talking = there.filter((inbox) => !told.has(inbox));
    const inbox = earliest(talking.length === 0 ? there : talking, turnOf);
    if (inbox === undefined) return undefined;
    const before = inbox.length;
    const value = take(inbox);
    if (inbox.length < before) referee.progress();
    else told.add(inbox);
    return given(value);
  };
  return referee.waiting(() => new Step({ call, reads: ['client', 'server'], attempt }));
}

/** The one in which something was there first. */
function earliest(inboxes: readonly Inbox[], turnOf: Unit<unknown>['turnOf']): Inbox | undefined {
  const turns = inboxes.map((inbox) => turnOf(inbox) ?? Infinity);
  const first = Math.min(...turns);
  return first === Infinity ? undefined : inboxes[turns.indexOf(first)];
}

function whoOf(
  peers: Readonly<Record<PeerName, Peer>>,
  { side }: Inbox,
): { readonly from: Peer; readonly to: Peer } {
  const { client, server } = peers;
  return side === 'client' ? { from: client, to: server } : { from: server, to: client };
}
