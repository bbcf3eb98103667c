// Events and actions as one line of text each, for failure messages and traces.

import type { ExpectRequest, LogFields, ProxyAction, ProxyEvent } from '../../src/proxy/engine.ts';
import { quote } from './latin1.ts';

/** An action as people read it: `send server "GET / HTTP/1.1\r\n"`. */
export function showAction(action: ProxyAction): string {
  switch (action.type) {
    case 'send':
      return `send ${action.to} ${quote(action.bytes)}`;
    case 'relay':
      return `relay ${action.from} -> ${action.to} ${action.length}`;
    case 'timer':
      return `timer ${action.timer} ${action.afterMs ?? 'off'} ${action.mode}`;
    case 'log':
      return `log ${action.level} ${action.code}: ${action.message} ${showFields(action.fields)}`;
    case 'close':
      return `close ${action.verdict} ${action.reason}${action.how === undefined ? '' : ' reset'}`;
    default:
      return showFlow(action);
  }
}

type StackingAction = Extract<ProxyAction, { type: 'stack' | 'content-verdict' | 'content-hint' }>;
type FlowAction = Exclude<ProxyAction, { type: 'send' | 'relay' | 'timer' | 'log' | 'close' }>;

function showFlow(action: FlowAction): string {
  switch (action.type) {
    case 'connect':
    case 'expect':
    case 'claim':
      return showOpening(action);
    case 'wait':
      return 'wait';
    case 'secure':
      return `secure ${action.port}`;
    case 'end':
      return `end ${action.to}`;
    case 'disconnect':
      return showDisconnect(action);
    case 'hold':
    case 'release':
      return `${action.type} ${action.from}`;
    default:
      return showStacking(action);
  }
}

function showDisconnect({ port, keep, how }: Extract<ProxyAction, { type: 'disconnect' }>): string {
  return `disconnect ${port}${keep === true ? ', kept' : ''}${how === undefined ? '' : ' reset'}`;
}

function showOpening(
  action: Extract<ProxyAction, { type: 'connect' | 'expect' | 'claim' }>,
): string {
  if (action.type === 'claim') return `claim ${action.side} ${action.max}`;
  if (action.type === 'expect') return showExpect(action);
  const { port, target, pool } = action;
  const how = pool === undefined ? '' : `, shared, ${pool}`;
  return `connect ${port}${target === undefined ? '' : ` to ${target.host}:${target.port}`}${how}`;
}

function showStacking(action: StackingAction): string {
  if (action.type === 'content-hint') return `content-hint ${action.length}`;
  if (action.type === 'content-verdict')
    return `content-verdict ${action.verdict.word} ${action.verdict.description}`;
  const hint = action.hint === undefined ? '' : ` ${showValue(action.hint)}`;
  const { decode } = action;
  const decoding = decode === undefined ? '' : ` decode ${showValue(decode)}`;
  return `stack ${action.child.name}${hint}${decoding}`;
}

function showExpect({ port, peer, at, timeoutMs }: ExpectRequest): string {
  const from = peer === undefined ? '' : ` from ${String(peer)}`;
  const where = at === undefined ? '' : ` at ${String(at)}`;
  return `expect ${port}${from}${where} ${timeoutMs}`;
}

/** An event as people read it: `received client "GET / HTTP/1.1\r\n"`. */
export function showEvent(event: ProxyEvent): string {
  const { type, ...rest } = event;
  const details = Object.entries(rest).map(([name, value]) =>
    value instanceof Uint8Array ? quote(value) : `${name}=${showValue(value)}`,
  );
  return [type, ...details].join(' ');
}

/** Of a stack trace only the first line: the others say where the test is. */
function showFields(fields: LogFields = {}): string {
  const shown = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.split('\n', 1)[0] : value,
  ]);
  return showValue(Object.fromEntries(shown));
}

function showValue(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_, inner: unknown) =>
    inner instanceof Error ? inner.message : inner,
  );
}
