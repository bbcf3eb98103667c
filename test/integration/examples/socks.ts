// socks.ts: curl by HTTP and by each version of SOCKS, and ssh, all at one port.
import assert from 'node:assert/strict';
import type { Scene } from '../../support/system-scene.ts';
import { startSshServer } from '../../support/system-ssh.ts';

const OFFICE = '10.1.0.5';
const GATEWAY = '10.1.0.1:1080';

/** What curl says where a SOCKS proxy refuses. */
const NO_CONNECTION = { status: 0, exit: 97 };

export async function drive(scene: Scene): Promise<void> {
  const ssh = await startSshServer(scene.lab, { host: '203.0.113.43', port: 22 }, scene.owner);
  const from = ['--interface', OFFICE];
  const accepted = { verdict: 'accepted', service: 'gateway', clientZone: 'office' } as const;
  const page = { status: 200, body: /^server: www$/m };
  const www = { ...accepted, server: '203.0.113.10:80' };

  await scene.curl([...from, '-x', GATEWAY, 'http://www.example/'], page, www);
  const tunnel = [...from, '-p', '-x', GATEWAY, 'http://www.example/'];
  await scene.curl(tunnel, { ...page, connectStatus: 200 }, www);
  for (const way of ['--socks5-hostname', '--socks4a', '--socks5', '--socks4'])
    await scene.curl([...from, way, GATEWAY, 'http://www.example/'], page, www);

  const refused = { verdict: 'denied-by-policy', server: null } as const;
  for (const [url, reason] of [
    ['http://closed.example/', 'http.url-blocked'],
    ['http://www.example:8080/', 'http.port-refused'],
  ] as const)
    for (const way of ['--socks5-hostname', '--socks4a'])
      await scene.curl([...from, way, GATEWAY, url], NO_CONNECTION, { ...refused, reason });
  const closed = { verdict: 'denied-by-connection-fail', reason: 'connect.refused' } as const;
  const at443 = [...from, '--socks5-hostname', GATEWAY, 'http://www.example:443/'];
  await scene.curl(at443, NO_CONNECTION, { ...closed, server: '203.0.113.10:443' });
  const unknown = [...from, '--socks5-hostname', GATEWAY, 'http://nowhere.example/'];
  await scene.curl(unknown, NO_CONNECTION, { verdict: 'denied-by-connection-fail', server: null });
  const stranger = ['--interface', '192.0.2.9', '--socks5', GATEWAY, 'http://203.0.113.10/'];
  await scene.curl(stranger, NO_CONNECTION, { ...refused, reason: 'access.outbound' });

  const by = { from: OFFICE, host: '203.0.113.43', port: 22 };
  const proxyCommand = `ncat -s ${OFFICE} --proxy ${GATEWAY} --proxy-type socks5 %h %p`;
  const said = await ssh.run('echo it-came-through', { ...by, proxyCommand });
  assert.deepEqual([said.stdout, said.status], ['it-came-through\n', 0], said.stderr);
  await scene.expectRecord({ ...accepted, server: '203.0.113.43:22' }, 'ssh');
}
