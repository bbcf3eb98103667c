// virtual-host.ts: one address, two servers, told apart by the Host of the request.
import type { Scene } from '../../support/system-scene.ts';

export async function drive(scene: Scene): Promise<void> {
  const client = ['--interface', '192.0.2.9'];
  const at = (host: string): string[] => [
    ...client,
    '--connect-to',
    '::192.0.2.1:80',
    `http://${host}/`,
  ];
  const withHost = (host: string): string[] => [
    ...client,
    '-H',
    `Host: ${host}`,
    'http://192.0.2.1/',
  ];
  const permitted = {
    verdict: 'accepted',
    service: 'sites',
    clientZone: 'internet',
    serverZone: 'dmz',
  } as const;

  const sites = [
    { host: 'www.example', name: 'web', server: '10.99.0.80:80' },
    { host: 'SHOP.example', name: 'shop', server: '10.99.0.81:80' },
  ];
  for (const { host, name, server } of sites) {
    const body = new RegExp(`^server: ${name}\\n`);
    await scene.curl(at(host), { status: 200, body }, { ...permitted, server });
    await scene.curl(['-d', 'a=1', ...at(host)], { status: 200, body }, { ...permitted, server });
  }
  // Two requests on one connection, each to its own server.
  await scene.curl(
    [...withHost('www.example'), '--next', '-s', ...withHost('shop.example')],
    { status: 200, body: /^server: web\n[^]*^server: shop\n/m },
    { ...permitted, server: '10.99.0.81:80' },
  );

  const refused = {
    verdict: 'denied-by-policy',
    reason: 'http.request-refused',
    server: null,
  } as const;
  const page = { status: 403, body: /There is no such site here/ };
  await scene.curl(at('nowhere.example'), page, refused);
  await scene.curl([...client, 'http://192.0.2.1/'], page, refused);
  const method = { ...refused, reason: 'http.method-refused' };
  await scene.curl(['-X', 'DELETE', ...at('www.example')], { status: 403 }, method);
  const inside = ['--interface', '10.99.0.9', 'http://192.0.2.1/'];
  const leaving = { ...refused, reason: 'access.outbound', clientZone: 'dmz' };
  await scene.curl(inside, { status: 403 }, leaving);
}
