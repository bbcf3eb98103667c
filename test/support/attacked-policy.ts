// The policy that attacks meet: an HTTP proxy without further limits of its own, before one server.

/** Its text. What is sent with PUT must be looked at, decoded. */
export function attackedPolicy(port: number, serverPort: number): string {
  return `
import { accept, definePolicy, directedRouter, httpProxy, listener, plugProxy, service, zone } from 'zorp';
const bytes = service('bytes', { proxy: plugProxy() });
const web = service('web', {
  proxy: httpProxy({
    request: { GET: accept(), POST: accept(), PUT: accept() },
    requestStack: { PUT: { data: bytes } },
    logRequests: false,
  }),
  router: directedRouter({ destination: '127.0.0.1:${serverPort}' }),
});
const services = [web, bytes];
const machine = zone('machine', { subnets: ['127.0.0.0/8'], outboundServices: services, inboundServices: services });
export default definePolicy({
  zones: [machine],
  listeners: [listener('127.0.0.1:${port}', web, { backlog: 4096 })],
});
`;
}
