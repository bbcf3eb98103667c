// destination.ts: whatever the intranet asks for at 10.0.0.1, one server in the DMZ answers.
import type { Scene } from '../../support/system-scene.ts';

const SERVER = '10.99.0.80:80';

export async function drive(scene: Scene): Promise<void> {
  const inside = ['--interface', '10.1.0.5'];
  const permitted = {
    verdict: 'accepted',
    service: 'intranet-server',
    clientZone: 'intranet',
    serverZone: 'dmz',
    server: SERVER,
  } as const;
  const page = { status: 200, body: /^server: web$/m };

  await scene.curl([...inside, 'http://10.0.0.1/'], page, permitted);
  await scene.curl(
    [...inside, '--resolve', 'Any.example:80:10.0.0.1', 'http://Any.example/'],
    { status: 200, body: /^host: Any\.example$/m }, // rewriteHostHeader is false
    permitted,
  );
  const asProxy = [...inside, '-x', 'http://10.0.0.1:80'];
  await scene.curl([...asProxy, 'http://www.example/'], page, permitted);
  await scene.curl([...inside, '-d', 'a=1', 'http://10.0.0.1/'], page, permitted);
  await scene.curl(
    [...inside, '-X', 'PUT', 'http://10.0.0.1/'],
    { status: 403 },
    { verdict: 'denied-by-policy', reason: 'http.method-refused', server: null },
  );

  const leaving = { verdict: 'denied-by-policy', reason: 'access.outbound', server: null } as const;
  await scene.curl(
    ['--interface', '10.99.0.9', 'http://10.0.0.1/'],
    { status: 403 },
    { ...leaving, clientZone: 'dmz' },
  );
  await scene.curl(
    ['--interface', '192.0.2.9', 'http://10.0.0.1/'],
    { status: 403 },
    { ...leaving, reason: 'zone.client-unknown', clientZone: null },
  );
}
