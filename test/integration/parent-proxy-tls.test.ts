// TLS to a parent proxy: haproxy with certificates before tinyproxy, which wants to know who asks.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { curl, curlThrough } from '../support/system-curl.ts';
import { LAB_NEEDS, Lab } from '../support/system-lab.ts';
import { startNginx } from '../support/system-nginx.ts';
import { suiteOwner } from '../support/system-process.ts';
import { RunningZorp } from '../support/system-zorp.ts';
import { TestAuthority } from '../support/test-authority.ts';

const TINYPROXY = `
Port 8888
Listen 127.0.0.1
Timeout 20
MaxClients 20
BasicAuth zorp secret
ConnectPort 80
LogLevel Connect
`;

/** TLS on two ports: one with the certificate of the parent, and only for its name (SNI); one with that of its address. */
function haproxy(named: string, addressed: string): string {
  return `
defaults
  mode tcp
  timeout connect 5s
  timeout client 20s
  timeout server 20s
frontend named
  bind 203.0.113.128:3443 ssl crt ${named} strict-sni
  default_backend tinyproxy
frontend addressed
  bind 203.0.113.128:3444 ssl crt ${addressed}
  default_backend tinyproxy
backend tinyproxy
  server one 127.0.0.1:8888
`;
}

/** Somebody who has a good certificate of another name, and writes down what it is told. */
const IMPOSTOR = 9443;

const PARENTS = {
  named: { at: `'parent.example', port: 3443`, verify: '' },
  addressed: { at: `'203.0.113.128', port: 3444`, verify: '' },
  impostor: { at: `'parent.example', port: ${IMPOSTOR}`, verify: '' },
  credulous: { at: `'parent.example', port: ${IMPOSTOR}`, verify: ', checkName: false' },
} as const;

const PORTS = { named: 3128, addressed: 3129, impostor: 3130, credulous: 3131 } as const;

function gateways(authority: string): string {
  const services = Object.entries(PARENTS).map(
    ([name, { at, verify }]) => `service('${name}', {
      router: inbandRouter(),
      ${at.includes('example') ? 'resolver: byName,' : ''}
      encryption: serverOnlyEncryption({ serverVerify: { authorities: '${authority}'${verify} } }),
      proxy: httpProxy({ ...common, parentProxy: { host: ${at}, credentials } }),
    })`,
  );
  return `
import { definePolicy, hashResolver, httpProxy, inbandRouter, listener, plugProxy, serverOnlyEncryption, service, zone } from 'zorp';
const contents = service('contents', { proxy: plugProxy() });
const byName = hashResolver({ mapping: { 'parent.example': ['203.0.113.128'] } });
const common = { mode: 'explicit', socks: true, connect: contents } as const;
const credentials = { user: 'zorp', password: 'secret' };
const gateways = [${services.join(',\n')}];
const all = [...gateways, contents];
const world = zone('world', { subnets: ['0.0.0.0/0'], outboundServices: all, inboundServices: all });
export default definePolicy({
  zones: [world],
  listeners: gateways.map((one, index) => listener(\`10.1.0.1:\${3128 + index}\`, one, { name: one.name })),
});
`;
}

describe(
  'parentProxy over TLS',
  {
    ...needs(...LAB_NEEDS, 'tinyproxy', 'haproxy', 'nginx', 'curl', 'openssl', 'sh'),
    timeout: 90_000,
  },
  () => {
    const owner = suiteOwner();
    let lab: Lab;
    let gateway: RunningZorp;
    let heard: string;

    before(async () => {
      lab = await Lab.open(owner, {
        addresses: ['10.1.0.1', '10.1.0.5', '203.0.113.10', '203.0.113.128'],
        hosts: { 'www.example': ['203.0.113.10'] },
      });
      const authority = TestAuthority.make(owner);
      const pem = (name: string, extensions?: readonly string[]): string => {
        const files = authority.issue(name, extensions === undefined ? {} : { extensions });
        return authority.join(`${name}-both`, files.certificate, files.privateKey);
      };
      const named = pem('parent.example');
      const addressed = pem('address', [
        'subjectAltName=IP:203.0.113.128',
        'extendedKeyUsage=serverAuth',
      ]);
      const other = pem('other.example');
      await startNginx(lab, [{ listen: '203.0.113.10:80', name: 'www' }]);
      lab.start(['tinyproxy', '-d', '-c', lab.write('tinyproxy.conf', TINYPROXY)]);
      lab.start(['haproxy', '-db', '-f', lab.write('haproxy.cfg', haproxy(named, addressed))]);
      heard = lab.write('heard', '');
      const listening = `openssl s_server -accept 203.0.113.128:${IMPOSTOR} -cert ${other} -key ${other} -quiet`;
      lab.start(['sh', '-c', `exec ${listening} >${heard}`]);
      const inside = { inside: lab.inside.bind(lab) };
      const policy = lab.write('gateways.ts', gateways(authority.certificate));
      gateway = await RunningZorp.start(owner, policy, inside);
    });

    function fetch(
      parent: keyof typeof PARENTS,
      ...args: readonly string[]
    ): ReturnType<typeof curlThrough> {
      const at = `10.1.0.1:${PORTS[parent]}`;
      return curlThrough(lab, gateway, at, '--interface', '10.1.0.5', ...args);
    }

    it('asks for the parent by its name, and gets requests there', async () => {
      const { status, body, record } = await fetch('named', 'http://www.example/a?b');
      assert.equal(status, 200);
      assert.match(body, /^server: www\nrequest: GET \/a\?b HTTP\/1\.[01]\n/);
      assert.match(body, /^via: 1\.1 .*tinyproxy/m);
      assert.equal(record.serverTls?.serverName, 'parent.example');
      assert.equal(record.serverTls.peer?.subject, 'CN=parent.example');
      assert.equal(record.serverTls.peer.trusted, true);
    });

    it('checks the address of a parent that has no name', async () => {
      const { status, record } = await fetch('addressed', 'http://www.example/');
      assert.equal(status, 200);
      assert.equal(record.serverTls?.serverName ?? undefined, undefined);
      assert.equal(record.serverTls?.peer?.subject, 'CN=address');
    });

    it('opens tunnels and connections of SOCKS', async () => {
      const tunnel = await fetch('named', '-p', 'http://www.example/in');
      assert.equal(tunnel.connectStatus, 200);
      assert.match(tunnel.body, /^server: www\nrequest: GET \/in HTTP\/1\.1\n/);
      assert.equal(tunnel.record.serverTls?.serverName, 'parent.example');
      const socks = await fetch('named', 'http://www.example/', '--socks5-hostname');
      assert.match(socks.body, /^server: www\n/);
      assert.equal(socks.record.serverTls?.serverName, 'parent.example');
    });

    it('tells nothing to a parent that is another one', async () => {
      for (const args of [['http://www.example/'], ['-p', 'http://www.example/']]) {
        const { status, connectStatus, record } = await fetch('impostor', ...args);
        assert.equal(args.length > 1 ? connectStatus : status, 403);
        assert.equal(record.reason, 'tls.certificate-name');
      }
      assert.equal((await fetch('impostor', 'http://a/', '--socks5-hostname')).exit, 97);
      assert.equal(readFileSync(heard, 'utf8'), '');
      // Who does not ask for the name is heard: the file would have shown it.
      await curl(lab, '-m', '1', '-x', `10.1.0.1:${PORTS.credulous}`, 'http://www.example/');
      assert.match(
        readFileSync(heard, 'utf8'),
        /^GET http:\/\/www\.example\/ [^]*^Proxy-Authorization: Basic /m,
      );
    });
  },
);
