// Behind a load balancer: haproxy at 10.9.9.9 ends the connections of clients and begins its own with a PROXY header. So
// zones, logs and the web server see the clients, and not the load balancer.
import { definePolicy, directedRouter, httpProxy, listener, plugProxy, service, zone } from 'zorp';

const shop = service('shop', {
  proxy: httpProxy(),
  router: directedRouter({ destination: '10.0.0.80:80' }),
});

// This server wants to know the client, too, and speaks the protocol itself: "listen 8080 proxy_protocol;" of nginx.
const files = service('files', {
  proxy: plugProxy(),
  router: directedRouter({ destination: '10.0.0.80:8080' }),
  sendProxyProtocol: 2,
});

const balancers = zone('balancers', { subnets: ['10.9.9.9'] });
const customers = zone('customers', { subnets: ['0.0.0.0/0', '::/0'], outboundServices: [shop] });
const partners = zone('partners', {
  subnets: ['198.51.100.0/24'],
  outboundServices: [shop, files],
});
const servers = zone('servers', { subnets: ['10.0.0.0/24'], inboundServices: [shop, files] });

export default definePolicy({
  zones: [balancers, customers, partners, servers],
  listeners: [
    listener('10.0.0.1:80', shop, { name: 'shop', proxyProtocol: { from: balancers } }),
    listener('10.0.0.1:8080', files, { name: 'files', proxyProtocol: { from: balancers } }),
  ],
});
