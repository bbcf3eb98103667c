// The program of the peer http-proxy. Arguments: the port of the server, the ports http, policy, forward and
// forwardPolicy, and the file with the domains that are blocked.

import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, createServer } from 'node:http';
import httpProxy from 'http-proxy';
import { REQUIRED } from '../policy-under-test.ts';

const [
  serverPort = '',
  http = '',
  policy = '',
  forward = '',
  forwardPolicy = '',
  blockedDomains = '',
] = process.argv.slice(2);
const blocked = new Set(readFileSync(blockedDomains, 'utf8').trim().split('\n'));
const target = `http://127.0.0.1:${serverPort}`;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const proxy = httpProxy.createProxyServer({ agent, headers: { 'X-Bench': 'added' } });
proxy.on('error', (error) => {
  console.error(error);
});

serve(http, () => target);
serve(forward, ({ url = '' }) => new URL(url).origin);
serve(policy, (request) => (isPermitted(request) ? target : undefined));
serve(forwardPolicy, (request) =>
  isPermitted(request) ? new URL(request.url ?? '').origin : undefined,
);

function isPermitted(request: IncomingMessage): boolean {
  delete request.headers.referer;
  return permits(request);
}

/** Passes requests on to where `choose` says; undefined refuses them. */
function serve(port: string, choose: (request: IncomingMessage) => string | undefined): void {
  const server = createServer((request, response) => {
    const to = choose(request);
    if (to === undefined) {
      response.writeHead(403, { Connection: 'close' }).end();
      return;
    }
    // An absolute URL becomes the path that a server expects.
    if (request.url?.startsWith('http') === true) request.url = new URL(request.url).pathname;
    proxy.web(request, response, { target: to });
  });
  server.keepAliveTimeout = 300_000;
  server.listen(Number(port), '127.0.0.1', 4096);
}

function permits({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && !isBlocked(headers.host ?? '') && isBrowsers(headers);
}

function isBrowsers(headers: IncomingHttpHeaders): boolean {
  return (
    headers['user-agent']?.includes(REQUIRED.userAgent) === true &&
    headers.accept?.includes(REQUIRED.accept) === true &&
    headers['accept-language']?.startsWith(REQUIRED.acceptLanguage) === true &&
    headers.cookie?.includes(REQUIRED.cookie) === true
  );
}

function isBlocked(host: string): boolean {
  const labels = host.split(':', 1).join().toLowerCase().split('.');
  return labels.some((_, from) => blocked.has(labels.slice(from).join('.')));
}
