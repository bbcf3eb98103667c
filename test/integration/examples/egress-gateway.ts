// egress-gateway.ts: servers of the DMZ fetch from a list of hosts, and reach nothing else.
import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Scene } from '../../support/system-scene.ts';

export async function drive(scene: Scene): Promise<void> {
  const client = ['--interface', '10.99.0.9', '-x', 'http://10.99.0.1:3128'];
  const denied = (reason: string) => ({ verdict: 'denied-by-policy', reason }) as const;
  const refuses = async (url: string, reason: string): Promise<unknown> =>
    scene.curl([...client, url], { status: 403 }, denied(reason));

  await scene.curl(
    [...client, 'http://example.org/'],
    { status: 200 },
    { verdict: 'accepted', server: '203.0.113.7:80', serverZone: 'internet' },
  );
  // The same by CONNECT, as for https: both services must be in the lists of both zones.
  await scene.curl(
    [...client, '-p', 'http://example.org/'],
    { status: 200, connectStatus: 200 },
    { verdict: 'accepted', server: '203.0.113.7:80', serverZone: 'internet' },
  );
  await scene.curl(
    [...client, 'https://www.example/'],
    { status: 0, connectStatus: 403, exit: 56 },
    denied('http.url-blocked'),
  );
  await refuses('http://www.example/', 'http.url-blocked');
  await refuses('http://203.0.113.7/', 'http.url-blocked');
  await refuses('http://169.254.169.254/latest/meta-data/', 'http.url-blocked');
  await refuses('http://example.org:8080/', 'http.port-refused');
  await scene.curl(
    [...client, '-d', 'a=1', 'http://example.org/'],
    { status: 403 },
    denied('http.method-refused'),
  );

  // Whoever may edit the list, or owns a name of it, gets no further than the guard lets them.
  const list = join(dirname(scene.policyFile), 'lists/egress-hosts.txt');
  appendFileSync(list, '0.0.0.0/0\n::/0\n');
  await scene.zorp.says('policy.list-read');
  const table: Readonly<Record<string, string>> = {
    '127.0.0.1': 'route.this-machine',
    '[::1]': 'route.this-machine',
    '0.0.0.0': 'route.this-machine',
    '169.254.169.254': 'route.metadata',
    '192.168.1.1': 'route.private',
    '[fd00::1]': 'route.private',
    '[::ffff:192.168.1.1]': 'route.private',
    '[64:ff9b::192.168.1.1]': 'route.private',
    '[2002:c0a8:101::1]': 'route.private',
    '10.99.0.80': 'access.inbound',
  };
  for (const [host, reason] of Object.entries(table)) await refuses(`http://${host}/`, reason);
  await scene.curl(
    [...client, 'http://203.0.113.10/'],
    { status: 200 },
    { verdict: 'accepted', serverZone: 'internet' },
  );
  await scene.curl(
    [...client, 'http://10.1.0.6/'],
    { status: 502 },
    { verdict: 'denied-by-connection-fail', reason: 'connect.refused', serverZone: 'mirror' },
  );
}
