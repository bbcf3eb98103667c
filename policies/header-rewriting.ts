// A web server that moves behind a firewall: old paths still work, headers say what the server must know and hide what
// clients must not, some requests are answered by the firewall itself, and error pages are the company's own.

import {
  abort,
  accept,
  answer,
  changeRegexp,
  definePolicy,
  directedRouter,
  drop,
  httpProxy,
  listener,
  redirect,
  reject,
  replace,
  service,
  zone,
} from 'zorp';
import type { HttpAction, HttpRequest, ProxySession } from 'zorp';

const robots = answer({ body: 'User-agent: *\nDisallow: /\n' });
const closed = answer({
  status: 503,
  headers: { 'Retry-After': '600' },
  body: 'The shop is being repaired. Please come back in ten minutes.\n',
});

// What is closed is closed in all forms that servers take for it: to nginx //admin/ and /%2Fadmin/ are /admin/, to Tomcat
// /;x/admin is, and to servers of Windows /%5Cadmin.
const ADMIN = /^(?:(?:\/|%2F|%5C)(?:;(?:[^/%]|%(?!2F|5C))*)?)+admin(?:\/|%2F|%5C|;|$)/i;

function rewrite(request: HttpRequest, session: ProxySession): HttpAction {
  const { host, path } = request.url;
  if (path === '/robots.txt') return robots;
  if (ADMIN.test(path)) return reject('Only the administrators may go there');
  if (host === 'old.example') return redirect(`http://www.example${path}`, 308);
  // The server has new paths, and links that people have saved still have the old ones.
  if (path.startsWith('/catalogue/'))
    request.url = { path: path.replace('/catalogue/', '/shop/'), query: 'from=catalogue' };
  request.headers.set('X-Real-IP', session.clientAddress.address.toString());
  return accept();
}

const site = service('site', {
  proxy: httpProxy({
    request: {
      GET: rewrite,
      HEAD: rewrite,
      POST: rewrite,
      DELETE: abort('Nothing is deleted here'),
    },
    response: {
      // What a server says of its own failures is nobody's business.
      '*': { '5': closed },
      GET: {
        '2': (response) => {
          response.headers.set('Cache-Control', 'no-cache');
          return accept();
        },
      },
    },
    requestHeader: {
      'X-Forwarded-For': replace((session) => session.clientAddress.address.toString()),
      // No version: what a server makes of it is not the client's choice.
      'User-Agent': changeRegexp('/[0-9.]+', ''),
    },
    responseHeader: {
      'X-Powered-By': drop(),
      Server: changeRegexp('^nginx/.*', 'web'),
      Location: changeRegexp('^http://10\\.99\\.0\\.80(?::[0-9]+)?/', '/'),
    },
    errorPages: { directory: 'pages' },
  }),
  router: directedRouter({ destination: '10.99.0.80:80' }),
});

const internet = zone('internet', { subnets: ['0.0.0.0/0'], outboundServices: [site] });
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'], inboundServices: [site] });

export default definePolicy({
  zones: [internet, dmz],
  listeners: [listener('192.0.2.1:80', site)],
});
