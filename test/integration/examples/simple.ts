// simple.ts: the intranet fetches and posts through the proxy at 10.0.0.1, nobody else does.
import assert from 'node:assert/strict';
import type { Scene } from '../../support/system-scene.ts';

const PROXY = 'http://10.0.0.1:3128';

export async function drive(scene: Scene): Promise<void> {
  const inside = ['--interface', '10.1.0.5', '-x', PROXY];
  const permitted = {
    verdict: 'accepted',
    clientZone: 'intranet',
    serverZone: 'internet',
  } as const;

  const got = await scene.curl(
    [...inside, 'http://www.example/page?a=1'],
    { status: 200, body: /^server: www\nrequest: GET \/page\?a=1 HTTP\/1.1\n/ },
    { ...permitted, service: 'web', server: '203.0.113.10:80' },
  );
  assert.match(got.body, /^proxy-connection: $/m, 'a field for the proxy has reached the server');
  await scene.curl(
    [...inside, '-I', 'http://www.example/'],
    { status: 200, body: /^HTTP\/1\.1 200 [^]*\r\n\r\n$/ },
    permitted,
  );
  await scene.curl(
    [...inside, 'http://[2001:db8::10]/'],
    { status: 200, body: /^server: six$/m },
    { ...permitted, server: '[2001:db8::10]:80' },
  );

  await scene.curl(
    [...inside, '-d', 'a=1', 'http://forms.example/'],
    { status: 200, body: /^server: forms\nrequest: POST \// },
    permitted,
  );
  const refused = { verdict: 'denied-by-policy', clientZone: 'intranet', server: null } as const;
  const byPolicy = { ...refused, reason: 'http.request-refused' };
  await scene.curl(
    [...inside, '-d', 'a=1', 'http://www.example/'],
    { status: 403, body: /No posting from the intranet/ },
    byPolicy,
  );
  const byMethod = { ...refused, reason: 'http.method-refused' };
  await scene.curl([...inside, '-X', 'DELETE', 'http://www.example/'], { status: 403 }, byMethod);
  await scene.curl(
    [...inside, 'https://www.example/'],
    { status: 0, connectStatus: 403, exit: 56 },
    byMethod,
  );
  const local = ['--interface', '10.1.0.5', 'http://10.0.0.1:3128/'];
  const asServer = { ...refused, reason: 'http.server-request-refused' };
  await scene.curl(local, { status: 403, body: /ask it for whole URLs/ }, asServer);

  const outside = ['--interface', '192.0.2.9', '-x', PROXY, 'http://www.example/'];
  const leaving = { verdict: 'denied-by-policy', reason: 'access.outbound', server: null } as const;
  await scene.curl(outside, { status: 403 }, { ...leaving, clientZone: 'internet' });
  await scene.curl(
    [...inside, 'http://10.1.0.5/'],
    { status: 403 },
    { verdict: 'denied-by-policy', reason: 'access.inbound', serverZone: 'intranet' },
  );
  await scene.curl(
    [...inside, 'http://10.0.0.1:3128/'],
    { status: 403 },
    { verdict: 'denied-by-policy', reason: 'http.port-refused' },
  );
  await scene.curl(
    [...inside, 'http://127.0.0.1/'],
    { status: 403 },
    { verdict: 'denied-by-policy', reason: 'route.this-machine' },
  );
  await scene.curl(
    [...inside, 'http://nowhere.example/'],
    { status: 502 },
    { verdict: 'denied-by-connection-fail', reason: 'resolve.unknown' },
  );
  await scene.curl(
    [...inside, 'http://closed.example/'],
    { status: 502 },
    { verdict: 'denied-by-connection-fail', reason: 'connect.refused', serverZone: 'internet' },
  );
}
