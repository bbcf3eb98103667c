// policies/edge.ts between two networks: clients and servers that know nothing of Zorp, on both families, and what each of
// them sees of the other.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { EdgeScene } from '../support/edge-scene.ts';
import { EDGE_PROGRAMS, startEdgeServers } from '../support/edge-servers.ts';
import { needs } from '../support/needs.ts';
import { ADDRESSES, NETWORK_NEEDS, endpoint } from '../support/network-lab.ts';
import { PacketCapture } from '../support/packet-capture.ts';
import { curl } from '../support/system-curl.ts';
import { suiteOwner } from '../support/system-process.ts';
import { ask, sighting } from '../support/witness.ts';

const POLICY = `${import.meta.dirname}/../../policies/edge.ts`;

describe('policies/edge.ts', needs(...NETWORK_NEEDS, ...EDGE_PROGRAMS, 'tcpdump'), () => {
  const owner = suiteOwner();
  let scene: EdgeScene;

  before(async () => {
    scene = await EdgeScene.open(owner, { policy: { file: POLICY } });
    await startEdgeServers(scene.network.server);
  });

  for (const family of ['ipv4', 'ipv6'] as const) {
    const host = ADDRESSES.server[family];

    it(`reads web pages between curl and nginx, ${family}`, async () => {
      const { client } = scene.network;
      const url = `http://${endpoint(host, 80)}/`;
      const page = await curl(client, url);
      assert.equal(page.status, 200, page.body);
      assert.match(page.body, new RegExp(`^from: ${ADDRESSES.client[family]}$`, 'm'));
      assert.deepEqual(page.headers['server'], ['a web server'], 'Zorp has changed it');
      const record = await scene.record(
        'the page',
        (one) => one.client.address === ADDRESSES.client[family] && one.service === 'web',
      );
      assert.deepEqual([record.rule, record.verdict, record.proxy], [1, 'accepted', 'http']);

      const refused = await curl(client, '-X', 'DELETE', url);
      assert.notEqual(refused.status, 200);
      await scene.record(
        'what is refused',
        (one) => one.service === 'web' && one.verdict === 'denied-by-policy',
      );
    });

    it(`carries TLS between openssl and openssl, ${family}`, async () => {
      const to = endpoint(host, 443);
      const command = ['openssl', 's_client', '-connect', to, '-quiet', '-ign_eof'] as const;
      const { stdout } = await scene.network.client.run(command, 'GET / HTTP/1.0\r\n\r\n');
      assert.match(stdout, /s_server -accept/);
      const record = await scene.record(
        'TLS',
        (one) => one.service === 'secure' && one.client.address === ADDRESSES.client[family],
      );
      assert.deepEqual([record.rule, record.verdict], [2, 'accepted']);
      assert.equal(record.serverLocal?.address, ADDRESSES.client[family]);
    });

    it(`carries names between dig and a DNS server, ${family}`, async () => {
      const type = family === 'ipv4' ? 'A' : 'AAAA';
      const question = ['dig', '+short', '+tries=1', `@${host}`, 'www.example.org', type] as const;
      const { stdout, stderr } = await scene.network.client.run(question);
      assert.equal(stdout.trim(), family === 'ipv4' ? '192.0.2.80' : '2001:db8::80', stderr);
      const record = await scene.record(
        'the question',
        (one) => one.service === 'names' && one.client.address === ADDRESSES.client[family],
      );
      assert.deepEqual([record.rule, record.verdict], [3, 'accepted']);
      assert.equal(record.serverLocal?.address, ADDRESSES.outside[family]);
    });

    it(`leaves to the kernel what is only forwarded, ${family}`, async () => {
      const { client } = scene.network;
      const records = scene.zorp.records.length;
      const remote = await sighting(client, { protocol: 'tcp', address: host, port: 22 });
      assert.equal(remote.address, ADDRESSES.client[family]);
      const time = await sighting(client, { protocol: 'udp', address: host, port: 123 });
      assert.equal(time.address, ADDRESSES.outside[family]);
      assert.equal(scene.zorp.records.length, records, 'Zorp has seen nothing of it');
    });

    it(`turns the rest away, ${family}`, async () => {
      const { client, server } = scene.network;
      const sent = await PacketCapture.start(server, { filter: 'tcp port 23 or tcp port 8080' });
      const got = await PacketCapture.start(client, { filter: 'tcp port 23 or icmp or icmp6' });
      const old = await ask(client, { protocol: 'tcp', address: host, port: 23 });
      assert.match(old.stderr, /Connection refused/);
      await got.sees(/Flags \[R/);
      const rest = await ask(client, { protocol: 'tcp', address: host, port: 8080 });
      assert.notEqual(rest.status, 0);
      await got.sees(/admin prohibited|prohibited/);
      assert.deepEqual(sent.lines, [], 'nothing of it has come to the server');
    });
  }

  it('counts by rule', async () => {
    const shown = JSON.parse(await scene.nft('show', POLICY, '--json')) as unknown;
    assert.ok(shown);
  });
});
