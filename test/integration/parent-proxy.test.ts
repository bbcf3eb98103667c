// A parent proxy with real ones: tinyproxy, which wants to know who asks, and another Zorp.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { needs } from '../support/needs.ts';
import { curlThrough } from '../support/system-curl.ts';
import { LAB_NEEDS, Lab } from '../support/system-lab.ts';
import { startNginx } from '../support/system-nginx.ts';
import { suiteOwner } from '../support/system-process.ts';
import { RunningZorp } from '../support/system-zorp.ts';

const TINYPROXY = `
Port 8888
Listen 203.0.113.128
Timeout 20
MaxClients 20
BasicAuth zorp secret
ConnectPort 80
ConnectPort 81
LogLevel Connect
`;

const PARENTS = {
  tinyproxy: `{
    host: 'parent.example',
    port: 8888,
    credentials: { user: 'zorp', password: 'secret' },
    except: (host) => host === 'direct.example',
  }`,
  nameless: `{ host: 'parent.example', port: 8888 }`,
  zorp: `{ host: '10.1.0.2', port: 3128 }`,
  chosen: `({ url }) => (url.path.startsWith('/zorp/') ? { host: '10.1.0.2', port: 3128 } : undefined)`,
  away: `{ host: '203.0.113.128', port: 9 }`,
} as const;

const PORTS = { tinyproxy: 3128, nameless: 3129, zorp: 3130, chosen: 3131, away: 3132 } as const;

/** A gateway for each parent. Names of servers mean nothing to it, but for one that is asked directly. */
const GATEWAYS = `
import { definePolicy, hashResolver, httpProxy, inbandRouter, listener, plugProxy, service, zone } from 'zorp';
const contents = service('contents', { proxy: plugProxy() });
const byName = hashResolver({
  mapping: {
    'parent.example': ['203.0.113.128'],
    'direct.example': ['203.0.113.11'],
  },
});
const common = { mode: 'explicit', socks: true, connect: contents, targetPorts: '1-65535' } as const;
const gateways = [${Object.entries(PARENTS)
  .map(
    ([name, parent]) =>
      `service('${name}', { router: inbandRouter(), ${resolverOf(parent)}proxy: httpProxy({ ...common, parentProxy: ${parent} }) })`,
  )
  .join(',\n')}];
const services = [...gateways, contents];
const office = zone('office', { subnets: ['10.1.0.0/16'], outboundServices: services, inboundServices: services });
const internet = zone('internet', { subnets: ['0.0.0.0/0'], inboundServices: services });
export default definePolicy({
  zones: [office, internet],
  listeners: gateways.map((one, index) => listener(\`10.1.0.1:\${3128 + index}\`, one, { name: one.name })),
});
`;

/** A table knows names only. */
function resolverOf(parent: string): string {
  return parent.includes('parent.example') ? 'resolver: byName, ' : '';
}

const UPSTREAM = `
import { definePolicy, httpProxy, inbandRouter, listener, plugProxy, service, zone } from 'zorp';
const contents = service('contents', { proxy: plugProxy() });
const proxy = httpProxy({ mode: 'explicit', connect: contents });
const upstream = service('upstream', { router: inbandRouter(), proxy });
const services = [upstream, contents];
const all = zone('all', { subnets: ['0.0.0.0/0'], outboundServices: services, inboundServices: services });
export default definePolicy({ zones: [all], listeners: [listener('10.1.0.2:3128', upstream)] });
`;

describe(
  'parentProxy',
  { ...needs(...LAB_NEEDS, 'tinyproxy', 'nginx', 'curl'), timeout: 90_000 },
  () => {
    const owner = suiteOwner();
    let lab: Lab;
    let gateway: RunningZorp;
    let upstream: RunningZorp;

    before(async () => {
      lab = await Lab.open(owner, {
        addresses: [
          '10.1.0.1',
          '10.1.0.2',
          '10.1.0.5',
          '203.0.113.10',
          '203.0.113.11',
          '203.0.113.128',
        ],
        hosts: { 'www.example': ['203.0.113.10'], 'direct.example': ['203.0.113.11'] },
      });
      await startNginx(lab, [
        { listen: '203.0.113.11:80', name: 'direct' },
        { listen: '203.0.113.10:80', name: 'www' },
      ]);
      lab.start(['tinyproxy', '-d', '-c', lab.write('tinyproxy.conf', TINYPROXY)]);
      const inside = { inside: lab.inside.bind(lab) };
      gateway = await RunningZorp.start(owner, lab.write('gateways.ts', GATEWAYS), inside);
      upstream = await RunningZorp.start(owner, lab.write('upstream.ts', UPSTREAM), inside);
    });

    /** Lets curl make one connection to a gateway, and what is recorded of it. */
    function fetch(
      parent: keyof typeof PARENTS,
      ...args: readonly string[]
    ): ReturnType<typeof curlThrough> {
      const at = `10.1.0.1:${PORTS[parent]}`;
      return curlThrough(lab, gateway, at, '--interface', '10.1.0.5', ...args);
    }

    function serverOf({ server }: DecisionRecord): string {
      return server === null ? '' : `${server.address}:${server.port}`;
    }

    it('gets whole URLs, with the credentials, and only its own name is resolved', async () => {
      const { status, body, record } = await fetch('tinyproxy', 'http://www.example/a?b');
      assert.equal(status, 200);
      assert.match(body, /^server: www\nrequest: GET \/a\?b HTTP\/1\.[01]\n/);
      assert.match(body, /^host: www\.example$/m);
      assert.match(body, /^via: 1\.1 .*tinyproxy/m);
      assert.match(body, /^proxy-authorization: $/m);
      assert.equal(serverOf(record), '203.0.113.128:8888');
      assert.deepEqual(
        record.connects.map(({ host }) => host),
        ['parent.example'],
      );
    });

    it('gets bodies', async () => {
      const { status, body } = await fetch('tinyproxy', '-d', 'a=1', 'http://www.example/form');
      assert.equal(status, 200);
      assert.match(body, /^request: POST \/form /m);
    });

    it('is passed by for hosts that are excepted', async () => {
      const { body, record } = await fetch('tinyproxy', 'http://direct.example/');
      assert.match(body, /^server: direct\nrequest: GET \/ HTTP\/1\.1\n/);
      assert.match(body, /^via: $/m);
      assert.equal(serverOf(record), '203.0.113.11:80');
    });

    it('opens tunnels', async () => {
      const { connectStatus, body, record } = await fetch(
        'tinyproxy',
        '-p',
        'http://www.example/in',
      );
      assert.equal(connectStatus, 200);
      assert.match(body, /^server: www\nrequest: GET \/in HTTP\/1\.1\n/);
      assert.equal(serverOf(record), '203.0.113.128:8888');
      assert.deepEqual(record.stacked, ['contents']);
    });

    it('may refuse tunnels: its answer is passed on, and the connection ended', async () => {
      const { connectStatus, status, record } = await fetch(
        'tinyproxy',
        '-p',
        'http://www.example:8080/',
      );
      assert.deepEqual([connectStatus, status], [403, 0]);
      assert.deepEqual([record.verdict, record.stacked], ['accepted', []]);
    });

    it('opens connections for clients of SOCKS, or refuses them', async () => {
      const open = await fetch('tinyproxy', 'http://www.example/', '--socks5-hostname');
      assert.match(open.body, /^server: www\n/);
      assert.equal(serverOf(open.record), '203.0.113.128:8888');
      const refused = await fetch('tinyproxy', 'http://www.example:8080/', '--socks5-hostname');
      assert.equal(refused.exit, 97);
    });

    it('may not know us: that is our fault, and not that of the client', async () => {
      for (const args of [['http://www.example/'], ['-p', 'http://www.example/']]) {
        const { status, connectStatus, headers, record } = await fetch('nameless', ...args);
        assert.equal(args.length > 1 ? connectStatus : status, 502);
        assert.equal(headers['proxy-authenticate'], undefined);
        assert.equal(record.reason, 'http.parent-authentication');
      }
    });

    it('may not be there', async () => {
      const { status, record } = await fetch('away', 'http://www.example/');
      assert.equal(status, 502);
      assert.equal(record.reason, 'connect.refused');
    });

    it('may be another Zorp, whose connection serves one host after the other', async () => {
      const first = ['-x', `10.1.0.1:${PORTS.zorp}`, 'http://www.example/1'];
      const second = ['--next', '-s', 'http://direct.example/2'];
      const { body, record } = await fetch('zorp', ...first, ...second);
      assert.match(body, /^server: www\nrequest: GET \/1 [^]*^server: direct\nrequest: GET \/2 /m);
      assert.equal(record.connects.length, 1);
      const behind = await upstream.record();
      assert.deepEqual(
        behind.connects.map(({ host }) => host),
        ['www.example', 'direct.example'],
      );
      const tunnel = await fetch('zorp', '-p', 'http://www.example/');
      assert.match(tunnel.body, /^server: www\n/);
      assert.equal((await upstream.record()).stacked.length, 1);
    });

    it('may be chosen by a function', async () => {
      const through = await fetch('chosen', 'http://www.example/zorp/');
      assert.match(through.body, /^server: www\n/);
      assert.equal(serverOf(through.record), '10.1.0.2:3128');
      await upstream.record();
      const without = await fetch('chosen', 'http://direct.example/');
      assert.equal(serverOf(without.record), '203.0.113.11:80');
    });
  },
);
