// What the HTTP engine sends on of one message: the bytes of a request as the server gets them, or of a response as the
// client does.

import type { ProxyAction, ProxyEngine, ProxyEvent } from '../../src/proxy/engine.ts';
import { accept } from '../../src/proxy/policy-action.ts';
import { httpProxy } from '../../src/protocols/http/index.ts';
import type { Wire } from './latin1.ts';
import { toText } from './latin1.ts';
import { connected, ended, received, started, testContext } from './playbook.ts';

/** Whatever HTTP allows passes. */
const OPEN = {
  permitServerRequests: true,
  permitProxyRequests: true,
  request: { '*': accept() },
  logRequests: false,
} as const;

const AS_IT_CAME = httpProxy({ ...OPEN, rechunk: false });
const WITH_LENGTH = httpProxy(OPEN);

/** The request as the server gets it; undefined if it is refused, or not complete. */
export function forwardedRequest(wire: Wire): string | undefined {
  const engine = AS_IT_CAME.create(testContext());
  const actions = [started(), received('client', wire)].flatMap((event) => play(engine, event));
  return said(actions, 'client') === '' ? said(actions, 'server') : undefined;
}

/**
 * The response to a GET as the client gets it, with what is said if the server then ends; undefined if it is refused. One
 * without a length stays so, or is put into chunks.
 */
export function forwardedResponse(wire: Wire, how?: 'chunked'): string | undefined {
  const engine = (how === undefined ? AS_IT_CAME : WITH_LENGTH).create(testContext());
  const request = 'GET / HTTP/1.1\r\nHost: h.example\r\n\r\n';
  for (const event of [started(), received('client', request)]) play(engine, event);
  const actions = [received('server', wire), ended('server')].flatMap((event) =>
    play(engine, event),
  );
  const closes = actions.filter(({ type }) => type === 'close');
  const isRefused = closes.some((action) => 'verdict' in action && action.verdict !== 'accepted');
  return isRefused || isPage(actions) ? undefined : said(actions, 'client');
}

/** Handles an event, and what a world that connects at once answers. */
function play(engine: ProxyEngine, event: ProxyEvent): ProxyAction[] {
  const actions = [...engine.handle(event)];
  const isConnecting = actions.some(({ type }) => type === 'connect');
  return isConnecting ? [...actions, ...play(engine, connected())] : actions;
}

function said(actions: readonly ProxyAction[], to: 'client' | 'server'): string {
  return actions
    .map((action) => (action.type === 'send' && action.to === to ? toText(action.bytes) : ''))
    .join('');
}

/** An error page instead of the response: then the client is waited for. */
function isPage(actions: readonly ProxyAction[]): boolean {
  return said(actions, 'client').includes('Cache-Control: no-store\r\n');
}
