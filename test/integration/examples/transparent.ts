// transparent.ts: on the firewall of a network of its own, with the packet filter that is made of it.
import assert from 'node:assert/strict';
import { ADDRESSES, endpoint, NetworkLab } from '../../support/network-lab.ts';
import type { Scene } from '../../support/system-scene.ts';
import { startNginx } from '../../support/system-nginx.ts';
import { RunningZorp, zorpCommand } from '../../support/system-zorp.ts';
import { ask, sighting, startWitness } from '../../support/witness.ts';

export async function drive(scene: Scene): Promise<void> {
  const { policyFile, owner } = scene;
  const { client, firewall, server } = await NetworkLab.open(owner);
  const zorp = await RunningZorp.start(owner, policyFile, {
    inside: (command) => firewall.inside(command),
  });
  const state = ['--state-folder', `${firewall.folder}/state`];
  const committed = await firewall.run(zorpCommand('nft', 'commit', policyFile, ...state));
  assert.equal(committed.status, 0, committed.stdout + committed.stderr);

  const servers = Object.values(ADDRESSES.server);
  await startNginx(
    server,
    servers.map((address) => ({ listen: endpoint(address, 80), name: 'page' })),
  );
  for (const family of ['ipv4', 'ipv6'] as const) {
    const address = ADDRESSES.server[family];
    const page = await client.run(['curl', '-sS', '-m', '5', `http://${endpoint(address, 80)}/`]);
    assert.match(page.stdout, /^server: page$/m, page.stderr);
    const read = await zorp.record();
    assert.deepEqual([read.service, read.rule, read.listener], ['web', 1, 'rules']);
    assert.equal(read.clientLocal.address, address);
    assert.equal(read.serverLocal?.address, ADDRESSES.client[family]);

    const mail = { protocol: 'tcp', address, port: 25 } as const;
    await startWitness(server, mail);
    assert.equal((await sighting(client, mail)).address, ADDRESSES.client[family]);
    assert.equal((await zorp.record()).service, 'mail');

    // The packet filter turns this away by itself.
    const other = { ...mail, port: 7007 };
    await startWitness(server, other);
    assert.equal((await ask(client, other)).stdout, '');
  }
  assert.equal(zorp.records.length, 4);
  for (const record of zorp.records) scene.willExplain(record);
}
