// Black and white lists and categories before a proxy: the intranet surfs through 10.0.0.1, but not to what the lists in
// lists/ block. They are plain text and may be changed while Zorp runs: within a few seconds the new ones count, without a
// reload.

import {
  definePolicy,
  domainMatcher,
  httpProxy,
  inbandRouter,
  listener,
  plugProxy,
  redirect,
  regexpFileMatcher,
  reject,
  service,
  urlCategories,
  zone,
} from 'zorp';

const tunnel = service('tunnel', { proxy: plugProxy() });

const categories = urlCategories({
  // A hosts file, as many projects publish them, and pages on servers that have others, too.
  ads: { domains: 'lists/ads-hosts.txt', urls: 'lists/ads-urls.txt' },
  games: { domains: domainMatcher({ domains: ['games.example'] }) },
});

const web = service('web', {
  proxy: httpProxy({
    mode: 'explicit',
    connect: tunnel,
    urlFilter: {
      blockHosts: domainMatcher({ file: 'lists/blocked-hosts.txt' }),
      block: regexpFileMatcher({ matchFile: 'lists/blocked-urls.txt' }),
      permitHosts: domainMatcher({ file: 'lists/permitted-hosts.txt' }),
    },
    urlCategories: categories,
    urlCategory: {
      ads: reject('No advertisements', 410),
      games: redirect('http://www.example/working-hours'),
    },
  }),
  router: inbandRouter(),
});

const everything = [web, tunnel];
const intranet = zone('intranet', { subnets: ['10.0.0.0/8'], outboundServices: everything });
const internet = zone('internet', { subnets: ['0.0.0.0/0', '::/0'], inboundServices: everything });

export default definePolicy({
  zones: [intranet, internet],
  listeners: [listener('10.0.0.1:3128', web)],
});
