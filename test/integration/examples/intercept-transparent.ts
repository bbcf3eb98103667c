// intercept-transparent.ts: on the firewall of a network of its own, two clients of two zones, and servers with certificates of
// their own, each of which is passed, intercepted or refused by its name.
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { endpoint, NetworkLab, succeed } from '../../support/network-lab.ts';
import type { Scene } from '../../support/system-scene.ts';
import type { CurlAnswer } from '../../support/system-curl.ts';
import { curl } from '../../support/system-curl.ts';
import { RunningZorp, zorpCommand } from '../../support/system-zorp.ts';
import { TestAuthority } from '../../support/test-authority.ts';

const CLIENTS = { office: '10.91.0.2', guests: '10.91.0.66', six: 'fd91::2' } as const;
const SERVERS = {
  'www.example': ['10.92.0.10', 'fd92::10'],
  'bank.example': ['10.92.0.11', 'fd92::11'],
  'casino.example': ['10.92.0.12', 'fd92::12'],
} as const;

type Name = keyof typeof SERVERS;
type Client = keyof typeof CLIENTS;

export async function drive(scene: Scene): Promise<void> {
  const { policyFile, owner } = scene;
  const { client, firewall, server } = await NetworkLab.open(owner, SERVERS);
  const policies = dirname(policyFile);
  const authority = new TestAuthority(join(policies, 'certificates'), 'authority');
  await succeed(client, [`ip addr add ${CLIENTS.guests}/24 dev eth0`]);
  for (const [name, [ipv4, ipv6]] of Object.entries(SERVERS)) {
    await succeed(server, [
      `ip addr add ${ipv4}/24 dev eth0`,
      `ip addr add ${ipv6}/64 dev eth0 nodad`,
    ]);
    const { certificate, privateKey } = authority.issue(name);
    for (const address of [ipv4, ipv6]) {
      const files = ['-key', privateKey, '-cert', certificate];
      const listen = ['-www', '-accept', endpoint(address, 443)];
      await server.start(['openssl', 's_server', ...listen, ...files]).says(/ACCEPT/);
    }
  }
  const inside: (typeof firewall)['inside'] = (command) => firewall.inside(command);
  const zorp = await RunningZorp.start(owner, policyFile, { inside });
  const state = ['--state-folder', `${firewall.folder}/state`];
  const committed = await firewall.run(zorpCommand('nft', 'commit', policyFile, ...state));
  assert.equal(committed.status, 0, committed.stdout + committed.stderr);

  const own = authority.certificate;
  const made = join(policies, 'ca/trusted.pem');
  const ask = (from: Client, name: Name, trust: string, ...more: string[]): Promise<CurlAnswer> => {
    const who = ['--interface', CLIENTS[from], from === 'six' ? '-6' : '-4'];
    return curl(client, ...who, '--cacert', trust, ...more, `https://${name}/`);
  };
  const expect = async (service: string, verdict: string, rule: number): Promise<void> => {
    const record = await zorp.record();
    assert.deepEqual([record.service, record.verdict, record.rule], [service, verdict, rule]);
    scene.willExplain(record);
  };

  for (const from of ['office', 'six'] as const) {
    // Intercepted: curl trusts the firewall's authority and no other.
    const page = await ask(from, 'www.example', made);
    assert.deepEqual(
      [page.status, page.body.includes('Ciphers')],
      [200, true],
      JSON.stringify(page),
    );
    await expect('pages', 'accepted', 1);
    const upload = await ask(from, 'www.example', made, '-T', made);
    assert.equal(upload.status, 403);
    assert.match(upload.body, /Nothing is uploaded/);
    await expect('pages', 'denied-by-policy', 1);

    // Spliced: curl trusts the authority of the server and no other.
    const bank = await ask(from, 'bank.example', own);
    assert.equal(bank.status, 200, JSON.stringify(bank));
    await expect('untouched', 'accepted', 1);

    const casino = await ask(from, 'casino.example', made);
    assert.deepEqual([casino.status, casino.exit], [0, 35]);
    await expect('nothing', 'denied-by-policy', 1);
  }

  for (const name of ['www.example', 'bank.example'] as const) {
    const seen = await ask('guests', name, own);
    assert.equal(seen.status, 200, JSON.stringify(seen));
    await expect('untouched', 'accepted', 2);
  }
  const refused = await ask('guests', 'casino.example', own);
  assert.deepEqual([refused.status, refused.exit], [0, 35]);
  await expect('nothing', 'denied-by-policy', 2);

  // What is no TLS at all: the rule has nothing for it.
  const plain = ['--interface', CLIENTS.office, '-4', 'http://www.example:443/'] as const;
  assert.equal((await curl(client, ...plain)).status, 0);
  await expect('nothing', 'denied-by-policy', 1);

  // The list of what is left alone changes while Zorp runs.
  const list = join(policies, 'lists/confidential-hosts.txt');
  writeFileSync(`${list}.new`, 'health.example\n');
  renameSync(`${list}.new`, list);
  await zorp.says('policy.list-read');
  const looked = await ask('office', 'bank.example', made);
  assert.equal(looked.status, 200, JSON.stringify(looked));
  const record = await zorp.record();
  assert.deepEqual([record.service, record.clientTls?.serverName], ['pages', 'bank.example']);
}
