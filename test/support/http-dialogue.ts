// Dialogues of the HTTP engine for its playbooks: an engine, a request that the server has got, an error page.

import type { ProxyEngine } from '../../src/proxy/engine.ts';
import type { ProxySession } from '../../src/proxy/proxy-session.ts';
import { httpProxy } from '../../src/protocols/http/index.ts';
import type { HttpOptions } from '../../src/protocols/http/http-options.ts';
import type { Playbook } from './playbook.ts';
import { connected, playbook, received, started, testContext } from './playbook.ts';

export const GET = 'GET /a HTTP/1.1\r\nHost: web.example\r\n\r\n';
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
export const WEB = { host: 'web.example', port: 80 };

/** A fresh HTTP engine. */
export function httpEngine(
  options: HttpOptions = {},
  overrides: Partial<ProxySession> = {},
): ProxyEngine {
  return httpProxy(options).create(testContext(overrides));
}

/** A dialogue in which logs and timers do not matter. */
export function quiet(options: HttpOptions = {}, overrides: Partial<ProxySession> = {}): Playbook {
  return playbook(httpEngine(options, overrides), { ignoring: ['log', 'timer'] });
}

/** Such a dialogue, with a client that is connected. */
export function begun(options: HttpOptions = {}, overrides: Partial<ProxySession> = {}): Playbook {
  return quiet(options, overrides).given(started());
}

/** A dialogue up to a request that the server has got. */
export function asked(request: string, options: HttpOptions = {}): Playbook {
  return begun(options).given(received('client', request), connected());
}

/** An error page with this status and reason code. */
export function page(status: number, code: string): RegExp {
  const reason = `<code>${code.replaceAll('.', '\\.')}</code>`;
  return new RegExp(`^HTTP/1\\.1 ${status} [^]*\r\nConnection: close\r\n\r\n[^]*${reason}`);
}
