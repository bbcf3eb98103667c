// The events of a playbook, one constructor each.

import { SocketAddress } from '../../src/address/socket-address.ts';
import type {
  Channel,
  ConnectFailure,
  PoolUse,
  Port,
  ProxyEvent,
  Traffic,
} from '../../src/proxy/engine.ts';
import type { Behind } from '../../src/proxy/proxy-event.ts';
import type { ContentWord } from '../../src/proxy/content-verdict.ts';
import { NO_TRAFFIC } from '../../src/proxy/play-proxy.ts';
import type { Verdict } from '../../src/proxy/verdict.ts';
import type { Wire } from './latin1.ts';
import { toBytes } from './latin1.ts';

/** The failure of a server that refuses connections. */
export const SERVER_DOWN: ConnectFailure = {
  reason: 'connect.refused',
  verdict: 'denied-by-connection-fail',
  message: 'The server refused the connection',
};

/** The failure of an expectation whose time is up. */
export const NOBODY_CAME: ConnectFailure = {
  reason: 'expect.timeout',
  verdict: 'denied-by-connection-fail',
  message: 'The expected connection did not come in time',
};

/** The session begins. */
export function started(): ProxyEvent {
  return { type: 'started' };
}

/** Bytes come from a port; `behind`: what is known of more behind them. @example received('client', 'QUIT\r\n') */
export function received(from: Port, wire: Wire, behind?: Behind): ProxyEvent {
  const event = { type: 'received', from, bytes: toBytes(wire) } as const;
  return behind === undefined ? event : { ...event, behind };
}

/** A peer sends no more; with `error` that was not a proper end. */
export function ended(from: Port, error?: string): ProxyEvent {
  return error === undefined ? { type: 'ended', from } : { type: 'ended', from, error };
}

/** The server side is connected. */
export function connected(address = '192.0.2.80:80', port: Port = 'server'): ProxyEvent {
  return { type: 'connected', port, address: SocketAddress.parse(address) };
}

/** The server side is connected, and may be given back. */
export function connectedShared(pool: PoolUse): ProxyEvent {
  return { type: 'connected', port: 'server', address: SocketAddress.parse('192.0.2.80:80'), pool };
}

/** The server side cannot be connected: nobody listens there, unless `failure` says otherwise. */
export function connectFailed(
  failure: Partial<ConnectFailure> = {},
  port: Port = 'server',
): ProxyEvent {
  return { type: 'connect-failed', port, failure: { ...SERVER_DOWN, ...failure } };
}

/** An expectation waits at this address. */
export function listening(address = '192.0.2.254:50001', port: Channel = 'client#1'): ProxyEvent {
  return { type: 'listening', port, address: SocketAddress.parse(address) };
}

/** A connection that was expected or claimed has come. */
export function accepted(
  port: Channel = 'client#1',
  address = '10.1.2.3:40001',
  local = '192.0.2.254:50001',
): ProxyEvent {
  return {
    type: 'accepted',
    port,
    address: SocketAddress.parse(address),
    local: SocketAddress.parse(local),
  };
}

/** Nobody came, unless `failure` says otherwise. */
export function expectFailed(
  failure: Partial<ConnectFailure> = {},
  port: Channel = 'client#1',
): ProxyEvent {
  return { type: 'expect-failed', port, failure: { ...NOBODY_CAME, ...failure } };
}

/** A relay has moved all its bytes, or as many as there were before the source ended. */
export function relayed(
  from: Port,
  to: Port,
  bytes: number,
  how: 'complete' | 'cut-short' = 'complete',
): ProxyEvent {
  return { type: 'relayed', from, to, bytes, complete: how === 'complete' };
}

/** The stacked child runs. */
export function stacked(): ProxyEvent {
  return { type: 'stacked' };
}

/** The stacked child may not run. */
export function stackRefused(failure: Partial<ConnectFailure> = {}): ProxyEvent {
  return { type: 'stack-refused', failure: { ...SERVER_DOWN, ...failure } };
}

/** The stacked child says what it thinks of the contents. */
export function contentVerdict(word: ContentWord, description = ''): ProxyEvent {
  return { type: 'stack-content-verdict', verdict: { word, description } };
}

/** The stacked child says how many bytes it will give. */
export function contentHint(length: number): ProxyEvent {
  return { type: 'stack-content-hint', length };
}

/** The stacked child has ended. */
export function stackVerdict(
  verdict: Verdict,
  reason: string,
  how?: 'reset',
  message?: string,
): ProxyEvent {
  const said = message === undefined ? {} : { message };
  const event = { type: 'stack-verdict', verdict, reason, ...said } as const;
  return how === undefined ? event : { ...event, how };
}

/** The promise of a `wait` came to this value. */
export function resolved(value?: unknown): ProxyEvent {
  return { type: 'resolved', outcome: { ok: true, value } };
}

/** The promise of a `wait` failed. */
export function rejected(error: unknown): ProxyEvent {
  return { type: 'resolved', outcome: { ok: false, error } };
}

/** A timer has run out. */
export function elapsed(timer: string, traffic: Partial<Traffic> = {}): ProxyEvent {
  return { type: 'elapsed', timer, traffic: { ...NO_TRAFFIC, ...traffic } };
}
