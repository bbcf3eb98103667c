// packet-filter.ts: on the firewall of a network of its own; what the kernel forwards, turns away and counts.
import assert from 'node:assert/strict';
import { ADDRESSES, endpoint, NetworkLab, succeed } from '../../support/network-lab.ts';
import type { Scene } from '../../support/system-scene.ts';
import { startNginx } from '../../support/system-nginx.ts';
import { RunningZorp, zorpCommand } from '../../support/system-zorp.ts';
import { ask, sighting, startWitness } from '../../support/witness.ts';

interface Shown {
  readonly counters: readonly { readonly name: string; readonly packets: number }[];
}

export async function drive(scene: Scene): Promise<void> {
  const { policyFile, owner } = scene;
  const { client, firewall, server } = await NetworkLab.open(owner);
  const nft = async (...words: readonly string[]): Promise<string> => {
    const state = ['--state-folder', `${firewall.folder}/state`];
    const { status, stdout, stderr } = await firewall.run(zorpCommand('nft', ...words, ...state));
    assert.equal(status, 0, stdout + stderr);
    return stdout;
  };
  assert.match(await nft('test', policyFile), /: good, the kernel takes revision/);
  await nft('commit', policyFile);
  const inside = { inside: firewall.inside.bind(firewall) };
  const zorp = await RunningZorp.start(owner, policyFile, inside);
  await succeed(server, ['ip route add 10.93.0.0/24 via 10.92.0.1']);

  const page = { listen: endpoint(ADDRESSES.server.ipv4, 80), name: 'page' };
  await startNginx(server, [page]);
  const url = `http://${page.listen}/`;
  assert.match((await client.run(['curl', '-sS', '-m', '5', url])).stdout, /^server: page$/m);
  scene.willExplain(await zorp.record());

  const backup = { protocol: 'tcp', address: '10.92.0.2', port: 873 } as const;
  await startWitness(server, backup);
  const saved = await sighting(client, { ...backup, address: '10.91.0.1' }, { fromPort: 4007 });
  assert.deepEqual([saved.address, saved.port], ['10.93.0.2', 4007]);
  const logs = { protocol: 'udp', address: '10.92.0.2', port: 514 } as const;
  await startWitness(server, logs);
  const logged = await sighting(client, { ...logs, address: '203.0.113.2' });
  assert.equal(logged.address, ADDRESSES.client.ipv4);

  const at = { protocol: 'tcp', address: ADDRESSES.server.ipv4 } as const;
  const complaints = [
    { port: 23, complaint: /Connection refused/ },
    { port: 7007, complaint: /No route to host|unreachable|prohibited/i },
    { port: 7, complaint: /timed out/i },
  ];
  for (const { port, complaint } of complaints)
    assert.match((await ask(client, { ...at, port }, { seconds: 1 })).stderr, complaint);

  const { counters } = JSON.parse(await nft('show', policyFile, '--json')) as Shown;
  const packets = (name: string): number => counters.find((one) => one.name === name)?.packets ?? 0;
  // Rules count the first packet of a connection; a client that is told nothing may have tried again.
  assert.deepEqual(
    [1, 2, 3, 4].map((id) => packets(`rule_${id}`)),
    [1, 1, 1, 1],
  );
  for (const name of ['rule_5', 'rule_6', 'service_told']) assert.ok(packets(name) >= 1, name);
  assert.equal(packets('service_reset'), 1);
  assert.ok(packets('service_backup') >= 8, 'both ways of a whole connection');
  assert.ok(packets('service_logs') >= 2, 'a datagram and its answer');
  assert.match(await nft('show', policyFile), /rule 2 'backup' \(.*\) +1 packets /);
  assert.equal(zorp.records.length, 1, 'Zorp has seen nothing of what the kernel did');
}
