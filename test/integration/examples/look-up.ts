// look-up.ts: finger and whois, one server in the DMZ and one outside. test/integration/finger-whois.test.ts has real clients.
import assert from 'node:assert/strict';
import type { Scene } from '../../support/system-scene.ts';

const MAIN = `${import.meta.dirname}/../../support/system-tcp-main.ts`;
/** A server that repeats the question and ends. */
const REPEAT = ['sh', '-c', 'read -r question; echo "asked: ${question%?}"'];

export async function drive(scene: Scene): Promise<void> {
  for (const [host, port] of [
    ['10.99.0.79', '79'],
    ['203.0.113.43', '43'],
  ] as const) {
    const server = scene.lab.start([process.execPath, MAIN, 'inetd', host, port, ...REPEAT]);
    await server.says(/ready/);
  }
  const inside = { from: '10.1.0.5', host: '10.0.0.1' };
  const permitted = { verdict: 'accepted', clientZone: 'intranet' } as const;
  const refused = { verdict: 'denied-by-policy', server: null } as const;

  const finger = { service: 'people', server: '10.99.0.79:79' };
  const person = await scene.talk(
    { ...inside, port: 79, send: '/W root@elsewhere.example\r\n' },
    { ...permitted, ...finger, reason: 'finger.finished', serverZone: 'dmz' },
  );
  assert.deepEqual(person, { text: 'asked: root\r\n', ended: 'end' });
  const list = await scene.talk(
    { ...inside, port: 79, send: '\r\n' },
    { ...refused, service: 'people', reason: 'finger.request-refused' },
  );
  assert.equal(list.text, 'Zorp: Ask for a user, not for a list\r\n');

  const named = await scene.talk(
    { ...inside, host: '10.1.0.1', port: 79, send: 'root@10.99.0.79\r\n' },
    { ...permitted, service: 'people-anywhere', server: '10.99.0.79:79' },
  );
  assert.match(named.text, /^asked: root/);
  const whois = { service: 'domains', server: '203.0.113.43:43', serverZone: 'internet' };
  const domain = await scene.talk(
    { ...inside, port: 43, send: 'example.org\r\n' },
    { ...permitted, ...whois, reason: 'whois.finished' },
  );
  assert.match(domain.text, /^asked: example\.org\r\n% asked through the firewall\r\n$/);
  const secret = await scene.talk(
    { ...inside, port: 43, send: 'wiki.internal\r\n' },
    { ...refused, service: 'domains', reason: 'whois.request-refused' },
  );
  assert.equal(secret.text, 'Zorp: Names of the intranet stay here\r\n');

  const fromDmz = await scene.talk(
    { from: '10.99.0.9', host: '10.0.0.1', port: 43, send: 'example.org\r\n' },
    { ...refused, reason: 'access.outbound', clientZone: 'dmz' },
  );
  assert.match(fromDmz.text, /^Zorp: .+\r\n$/);
}
