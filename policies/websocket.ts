// WebSocket through a reverse proxy: only pages of our own may open one. What is said there is looked at, message by
// message; the stream of one path passes as it is.

import {
  abort,
  accept,
  definePolicy,
  directedRouter,
  drop,
  httpProxy,
  listener,
  reject,
  service,
  webSocketProxy,
  zone,
} from 'zorp';
import type { UpgradeFunction, WebSocketRule } from 'zorp';

const decideMessage: WebSocketRule = ({ from, text }) => {
  if (from === 'client' && text.includes('password')) return abort('Passwords stay with you');
  return text === 'noise' ? drop() : accept();
};

const chat = service('chat', {
  proxy: webSocketProxy({
    frames: ['text', 'ping', 'pong'],
    maxMessageLength: 65_536,
    message: decideMessage,
  }),
});

const openWebSocket: UpgradeFunction = ({ headers, url }) => {
  if (headers.get('origin') !== 'http://chat.example') return reject('Only from our own pages');
  // Not the other way round: to many servers //chat and /Chat are /chat, too, and would pass unseen.
  return url.path === '/stream' ? accept() : chat;
};

const web = service('web', {
  router: directedRouter({ destination: '10.99.0.80:8080' }),
  proxy: httpProxy({
    upgrade: { websocket: openWebSocket },
    stacks: [chat],
    forwarded: { write: 'x-forwarded' },
    timeoutTunnelMs: 3_600_000,
  }),
});

const internet = zone('internet', { subnets: ['0.0.0.0/0'], outboundServices: [web, chat] });
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'], inboundServices: [web, chat] });

export default definePolicy({
  zones: [internet, dmz],
  listeners: [listener('192.0.2.1:80', web, { name: 'web' })],
});
