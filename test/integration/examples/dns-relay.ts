// dns-relay.ts: dig asks the firewall over UDP, and a client over TCP; guests and strangers hear nothing.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Scene } from '../../support/system-scene.ts';
import { GREETING } from '../../support/system-tcp-main.ts';
import { until } from '../../support/system-wait.ts';

const DNS_MAIN = join(import.meta.dirname, '../../support/dns-server-main.ts');

export async function drive(scene: Scene): Promise<void> {
  const command = [process.execPath, DNS_MAIN, '10.99.0.53', '53'] as const;
  const dns = scene.lab.start([...command, 'www.example=203.0.113.10']);
  await dns.says(/ready/);
  const dig = async (from: string, ...rest: readonly string[]): Promise<string> => {
    const asked = [
      'dig',
      '-b',
      from,
      '@10.0.0.1',
      '+short',
      '+tries=1',
      '+time=1',
      ...rest,
    ] as const;
    return (await scene.lab.run(asked)).stdout;
  };
  const permitted = {
    ...({ verdict: 'accepted', reason: 'plug.timeout', service: 'questions' } as const),
    ...{ clientZone: 'intranet', serverZone: 'dmz', server: '10.99.0.53:53' },
  } as const;

  assert.equal(await dig('10.1.0.5', 'www.example'), '203.0.113.10\n');
  await scene.expectRecord(permitted, 'dig www.example');
  assert.equal(await dig('10.1.0.5', 'other.example'), '');
  await scene.expectRecord(permitted, 'dig other.example');
  await until('both questions', () => dns.stdout.split('\n').length === 4 || undefined);
  assert.equal(dns.stdout, 'ready\nA www.example\nA other.example\n');

  assert.match(await dig('10.1.200.5', 'www.example'), /no servers could be reached|timed out/);
  const refused = { verdict: 'denied-by-policy', server: null } as const;
  await dig('10.99.0.9', 'www.example');
  const fromDmz = { reason: 'access.outbound', clientZone: 'dmz', service: 'questions' } as const;
  await scene.expectRecord({ ...refused, ...fromDmz }, 'dig from the DMZ');
  await dig('192.0.2.9', 'www.example');
  const stranger = { reason: 'zone.client-unknown', clientZone: null } as const;
  await scene.expectRecord({ ...refused, ...stranger }, 'dig of a stranger');

  const server = await scene.serve('10.99.0.53', 53);
  const answer = await scene.talk(
    { from: '10.1.0.5', host: '10.0.0.1', port: 53, send: 'question', then: 'end' },
    { verdict: 'accepted', service: 'long-answers', server: '10.99.0.53:53' },
  );
  assert.deepEqual(answer, { text: `${GREETING}question`, ended: 'end' });
  assert.equal((await server.connection()).text, 'question');
}
