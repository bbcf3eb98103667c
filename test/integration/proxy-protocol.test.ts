// The PROXY protocol with real peers: haproxy and curl before Zorp, nginx and haproxy behind it, both versions.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { join } from 'node:path';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { needs } from '../support/needs.ts';
import { curl } from '../support/system-curl.ts';
import { LAB_NEEDS, Lab } from '../support/system-lab.ts';
import { startNginx } from '../support/system-nginx.ts';
import { suiteOwner } from '../support/system-process.ts';
import { RunningZorp } from '../support/system-zorp.ts';

const ROOT = join(import.meta.dirname, '../..');

/** haproxy: the load balancer at 10.9.9.9, and a server at 10.0.0.80:8081 that shows what it was told. */
const HAPROXY = `
defaults
  mode tcp
  timeout connect 5s
  timeout client 20s
  timeout server 20s
listen shop-1
  bind 10.9.9.9:80
  server zorp 10.0.0.1:80 source 10.9.9.9 send-proxy
listen shop-2
  bind 10.9.9.9:82
  server zorp 10.0.0.1:80 source 10.9.9.9 send-proxy-v2
listen shop-checked
  bind 10.9.9.9:83
  server zorp 10.0.0.1:80 source 10.9.9.9 send-proxy-v2 proxy-v2-options crc32c,unique-id
listen files
  bind 10.9.9.9:8080
  server zorp 10.0.0.1:8080 source 10.9.9.9 send-proxy-v2
listen direct
  bind 10.9.9.9:8081
  server zorp 10.0.0.1:8081 source 10.9.9.9 send-proxy
frontend told
  mode http
  bind 10.0.0.80:8081 accept-proxy
  http-request return status 200 content-type text/plain lf-string "%[src]:%[src_port] %[dst]:%[dst_port]\\n"
`;

/** Version 1 to haproxy, and all addresses of the machine as load balancers. */
const DIRECT = `
import { definePolicy, directedRouter, listener, plugProxy, service, zone } from 'zorp';
const direct = service('direct', {
  proxy: plugProxy(),
  router: directedRouter({ destination: '10.0.0.80:8081' }),
  sendProxyProtocol: 1,
});
const all = zone('all', { subnets: ['0.0.0.0/0'], outboundServices: [direct], inboundServices: [direct] });
export default definePolicy({
  zones: [all],
  listeners: [listener('10.0.0.1:8081', direct, { proxyProtocol: { from: ['10.9.9.9'], others: 'plain' } })],
});
`;

const TOLD = /^(\S+):\d+ (\S+)\n$/;
const BIG_BYTES = 30_000_000;

describe(
  'the PROXY protocol',
  { ...needs(...LAB_NEEDS, 'haproxy', 'nginx', 'curl'), timeout: 90_000 },
  () => {
    const owner = suiteOwner();
    let lab: Lab;
    let zorp: RunningZorp;
    let direct: RunningZorp;

    before(async () => {
      lab = await Lab.open(owner, {
        addresses: ['10.9.9.9', '10.0.0.1', '10.0.0.80', '192.0.2.9', '198.51.100.7'],
      });
      lab.write('big', 'x'.repeat(BIG_BYTES));
      const told =
        '$proxy_protocol_addr:$proxy_protocol_port $proxy_protocol_server_addr:$proxy_protocol_server_port';
      const more = `location = /big { root ${lab.folder}; } location = / { return 200 "${told}\\n"; }`;
      await startNginx(lab, [
        { listen: '10.0.0.80:8080 proxy_protocol', name: 'files', more },
        { listen: '10.0.0.80:80', name: 'shop' },
      ]);
      const config = lab.write('haproxy.cfg', HAPROXY);
      lab.start(['haproxy', '-db', '-f', config]);
      const inside = { inside: lab.inside.bind(lab) };
      const policy = join(ROOT, 'policies/behind-load-balancer.ts');
      zorp = await RunningZorp.start(owner, policy, inside);
      // The other one does without the driver.
      direct = await RunningZorp.start(owner, lab.write('direct.ts', DIRECT), {
        inside: (command) => lab.inside(['env', 'ZORP_IO=net', ...command]),
      });
    });

    /** Fetches a page from an address, and what is recorded of it. */
    async function fetch(
      from: string,
      ...args: readonly string[]
    ): Promise<{ body: string; status: number; record: DecisionRecord }> {
      const { body, status } = await curl(lab, '--interface', from, ...args);
      return { body, status, record: await zorp.record() };
    }

    for (const port of [80, 82, 83])
      it(`haproxy tells who the client is (port ${port})`, async () => {
        const { body, record } = await fetch('192.0.2.9', `http://10.9.9.9:${port}/`);
        assert.match(body, /^server: shop\n/);
        assert.equal(record.reason, 'http.finished');
        assert.deepEqual([record.client.address, record.client.zone], ['192.0.2.9', 'customers']);
        assert.deepEqual(record.clientLocal, { address: '10.9.9.9', port });
        assert.deepEqual([record.peer?.address, record.peer?.zone], ['10.9.9.9', 'balancers']);
      });

    it('who may do what is decided for the client, and nginx is told of it', async () => {
      const partner = await fetch('198.51.100.7', 'http://10.9.9.9:8080/');
      const [, client, local] = TOLD.exec(partner.body) ?? [];
      assert.deepEqual([client, local], ['198.51.100.7', '10.9.9.9:8080'], partner.body);
      const customer = await fetch('192.0.2.9', 'http://10.9.9.9:8080/');
      assert.equal(customer.status, 0);
      assert.equal(customer.record.reason, 'access.outbound');
    });

    it('loses no byte of what follows', async () => {
      const { body, record } = await fetch('198.51.100.7', 'http://10.9.9.9:8080/big');
      const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
      assert.equal(hash(body), hash('x'.repeat(BIG_BYTES)));
      assert.equal(record.bytes.fromServer, record.bytes.toClient);
    });

    it('is believed of nobody else', async () => {
      const args = ['--haproxy-protocol', 'http://10.0.0.1/'];
      const { status, record } = await fetch('192.0.2.9', ...args);
      assert.equal(status, 0);
      assert.equal(record.reason, 'proxy-protocol.untrusted-peer');
      assert.deepEqual([record.client.address, record.peer], ['192.0.2.9', null]);
    });

    it('is demanded of load balancers', async () => {
      const { status, record } = await fetch('10.9.9.9', 'http://10.0.0.1/');
      assert.equal(status, 0);
      assert.equal(record.reason, 'proxy-protocol.missing');
    });

    it('curl speaks it, and haproxy is told of it', async () => {
      const { body } = await curl(
        lab,
        '--interface',
        '10.9.9.9',
        '--haproxy-protocol',
        'http://10.0.0.1:8081/',
      );
      assert.match(body, /^10\.9\.9\.9:\d+ 10\.0\.0\.1:8081\n$/);
      const record = await direct.record();
      assert.deepEqual(record.client, { ...record.peer });
    });

    it('haproxy behind is told what haproxy before tells, or who connects directly', async () => {
      const through = await curl(lab, '--interface', '192.0.2.9', 'http://10.9.9.9:8081/');
      assert.match(through.body, /^192\.0\.2\.9:\d+ 10\.9\.9\.9:8081\n$/);
      const plain = await curl(lab, '--interface', '192.0.2.9', 'http://10.0.0.1:8081/');
      assert.match(plain.body, /^192\.0\.2\.9:\d+ 10\.0\.0\.1:8081\n$/);
    });
  },
);
