// The WebSocket proxy: every frame and every message, after the handshake that the HTTP proxy has checked.

import type { ProxyContext, ProxyEngine, ProxyFactory } from '../../proxy/engine.ts';
import { guard } from '../../proxy/guard.ts';
import { checkSettings, declare } from '../../proxy/policy-fault.ts';
import type { WebSocketOptions, WebSocketSettings } from './settings.ts';
import { webSocketSchema } from './settings.ts';
import { WebSocketCore } from './websocket-proxy.ts';

export type {
  WebSocketAnswer,
  WebSocketFrame,
  WebSocketMessage,
  WebSocketOptions,
  WebSocketRule,
} from './settings.ts';

/**
 * A proxy for what is said over a WebSocket (RFC 6455), for the `upgrade` of an HTTP proxy.
 * @example webSocketProxy({ message: ({ type }) => (type === 'text' ? accept() : abort('Only texts')) })
 */
export function webSocketProxy(options: WebSocketOptions = {}): ProxyFactory {
  const { settings, faults } = checkSettings(webSocketSchema, options, {});
  const made: ProxyFactory = {
    name: 'websocket',
    tellsRefusals: false,
    stacks: [],
    create: (context: ProxyContext): ProxyEngine => guard(new WebSocketCore(settings, context)),
    explain: () => explain(settings),
  };
  return declare(made, webSocketProxy, faults);
}

function explain({ message, frames, maxMessageLength, timeoutMs }: WebSocketSettings): string {
  const limit = maxMessageLength === 0 ? 'any length' : `up to ${maxMessageLength} bytes`;
  return [
    `WebSocket: ${frames.join(', ')}, messages of ${limit}`,
    message === undefined ? 'all of them' : 'decided by a function',
    `ends after ${timeoutMs} ms without traffic`,
  ].join(', ');
}
