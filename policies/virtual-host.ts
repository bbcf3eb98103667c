// One address, several servers: the Host header of a request says which. Unknown names are refused.

import {
  accept,
  definePolicy,
  httpProxy,
  inbandRouter,
  listener,
  reject,
  service,
  zone,
} from 'zorp';
import type { HttpRequest, HttpAction } from 'zorp';

const servers: ReadonlyMap<string, string> = new Map([
  ['www.example', '10.99.0.80'],
  ['shop.example', '10.99.0.81'],
]);

function chooseServer(request: HttpRequest): HttpAction {
  const host = servers.get(request.url.host);
  if (host === undefined) return reject('There is no such site here');
  request.server = { host, port: 80 };
  return accept();
}

const sites = service('sites', {
  proxy: httpProxy({ request: { GET: chooseServer, HEAD: chooseServer, POST: chooseServer } }),
  router: inbandRouter(),
});

const internet = zone('internet', { subnets: ['0.0.0.0/0'], outboundServices: [sites] });
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'], inboundServices: [sites] });

export default definePolicy({
  zones: [internet, dmz],
  listeners: [listener('192.0.2.1:80', sites)],
});
