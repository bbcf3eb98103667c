// The actions that a playbook expects, one constructor each. An expectation knows its text and what it matches.

import type { ExpectRequest, Port, ProxyAction, Target } from '../../src/proxy/engine.ts';
import type { Verdict } from '../../src/proxy/verdict.ts';
import type { Wire } from './latin1.ts';
import { toBytes, toText } from './latin1.ts';
import { showAction } from './show-action.ts';

/** One action that a playbook expects. */
export interface Expectation {
  readonly text: string;
  matches(action: ProxyAction): boolean;
  /** The action itself where it is known exactly, so that adjacent sends can be merged. */
  readonly exactly?: ProxyAction;
}

/** Bytes for a port; adjacent sends to one port count as one. */
export function send(to: Port, wire: Wire): Expectation {
  return exactly({ type: 'send', to, bytes: toBytes(wire) });
}

/** Bytes for a port of which only a pattern is known: an error page. */
export function sendLike(to: Port, pattern: RegExp): Expectation {
  return {
    text: `send ${to} like ${String(pattern)}`,
    matches: (action) =>
      action.type === 'send' && action.to === to && pattern.test(toText(action.bytes)),
  };
}

/** The end of one direction of a stream. */
export function end(to: Port): Expectation {
  return exactly({ type: 'end', to });
}

/** A server connection, to where the router says or to a host and port. */
export function connect(target?: Target, port: Port = 'server'): Expectation {
  return exactly(
    target === undefined ? { type: 'connect', port } : { type: 'connect', port, target },
  );
}

/** A server connection that may be given back later; `any`: one that was given back will do. */
export function connectShared(target: Target, pool: 'new' | 'any'): Expectation {
  return exactly({ type: 'connect', port: 'server', target, pool });
}

/** A server connection given back. */
export function giveBack(): Expectation {
  return exactly({ type: 'disconnect', port: 'server', keep: true });
}

/** A connection that is waited for. */
export function expectConnection(request: ExpectRequest): Expectation {
  return exactly({ type: 'expect', ...request });
}

/** Further connections of the client, this many at a time. */
export function claim(max: number): Expectation {
  return exactly({ type: 'claim', side: 'client', max });
}

/** A connection dropped; with `how` its peer sees that this is no proper end. */
export function disconnect(port: Port = 'server', how?: 'reset'): Expectation {
  return exactly({ type: 'disconnect', port, ...(how !== undefined && { how }) });
}

/** Bytes that pass without inspection: `length` of them, or all. */
export function relay(from: Port, to: Port, length = Infinity): Expectation {
  return exactly({ type: 'relay', from, to, length });
}

/** A child, by the name of its service or program. */
export function stack(name: string): Expectation {
  return {
    text: `stack ${name}`,
    matches: (action) => action.type === 'stack' && action.child.name === name,
  };
}

/** A port that is not read. */
export function hold(from: Port): Expectation {
  return exactly({ type: 'hold', from });
}

/** A port that is read again. */
export function release(from: Port): Expectation {
  return exactly({ type: 'release', from });
}

/** A promise of a policy function, and the port that is heard meanwhile. */
export function wait(hears?: Port): Expectation {
  return {
    text: hears === undefined ? 'wait' : `wait, hearing ${hears}`,
    matches: (action) => action.type === 'wait' && action.hears === hears,
  };
}

/** A timer armed, or disarmed with undefined. */
export function timer(
  name: string,
  afterMs: number | undefined,
  mode: 'total' | 'idle' = 'total',
): Expectation {
  return {
    text: showAction({ type: 'timer', timer: name, afterMs, mode }),
    // A timer that is disarmed has no mode to speak of.
    matches: (action) =>
      action.type === 'timer' &&
      action.timer === name &&
      action.afterMs === afterMs &&
      (afterMs === undefined || action.mode === mode),
  };
}

/** A log line of this code, whatever it says. */
export function log(code: string): Expectation {
  return {
    text: `log ... ${code}: ...`,
    matches: (action) => action.type === 'log' && action.code === code,
  };
}

/** The end of the session. */
export function close(verdict: Verdict, reason: string, how?: 'reset'): Expectation {
  return exactly(
    how === undefined
      ? { type: 'close', verdict, reason }
      : { type: 'close', verdict, reason, how },
  );
}

function exactly(action: ProxyAction): Expectation {
  const text = showAction(action);
  return { text, exactly: action, matches: (actual) => showAction(actual) === text };
}

/** What opens a tunnel whose contents a child gets: all four directions are relayed, and both sides released. */
export const TUNNEL_OPENS: readonly Expectation[] = [
  relay('client', 'stack-client'),
  relay('stack-client', 'client'),
  relay('server', 'stack-server'),
  relay('stack-server', 'server'),
  release('client'),
  release('server'),
];
