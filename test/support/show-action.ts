// Events and actions as one line of text each, for failure messages and traces.

import type { LogFields, ProxyAction, ProxyEvent } from '../../src/proxy/engine.ts';
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

type FlowAction = Exclude<ProxyAction, { type: 'send' | 'relay' | 'timer' | 'log' | 'close' }>;

function showFlow(action: FlowAction): string {
  switch (action.type) {
    case 'connect':
      return `connect ${action.port}${action.target === undefined ? '' : ` to ${action.target.host}:${action.target.port}`}`;
    case 'stack':
      return `stack ${action.service.name}`;
    case 'wait':
      return 'wait';
    case 'end':
      return `end ${action.to}`;
    case 'disconnect':
      return `disconnect ${action.port}`;
    case 'hold':
    case 'release':
      return `${action.type} ${action.from}`;
  }
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
