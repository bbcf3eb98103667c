import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CliWorld } from '../../test/support/cli-world.ts';
import { PolicyFiles } from '../../test/support/policy-files.ts';
import { InterfaceTable } from '../address/interface-table.ts';
import { IpAddress } from '../address/ip-address.ts';
import type { ExplainOptions } from './explain.ts';
import { explain } from './explain.ts';

const files = new PolicyFiles();
after(() => files.remove());

before(() => {
  const head = `import {
  csZoneListener, definePolicy, denyService, directedRouter, inbandRouter, listener, plugProxy, receiver,
  service, transparentRouter, zone,
} from 'zorp';
const proxy = plugProxy();
const named = service('named', { proxy, router: inbandRouter() });
const fixed = service('fixed', { proxy, router: directedRouter({ destination: '192.0.2.9:99' }) });
const through = service('through', { proxy, router: transparentRouter() });
const all = [named, fixed, through];
const inside = zone('inside', { subnets: ['10.0.0.0/8'], outboundServices: all });
const outside = zone('outside', { subnets: ['192.0.2.0/24'], inboundServices: all });
const zones = [inside, outside];
`;
  files.write(
    'one.ts',
    `${head}export default definePolicy({ zones, listeners: [listener('10.0.0.1:8080', named)] });`,
  );
  files.write(
    'follow.ts',
    `${head.replace('inbandRouter,', 'inbandRouter, interfaceBind,')}export default definePolicy({ zones, listeners: [listener(interfaceBind('eth0', { port: 8080 }), named)] });`,
  );
  files.write(
    'hosts.ts',
    `${head}const site = zone('site', { hostnames: ['site.example', 'gone.example'], inboundServices: all });
export default definePolicy({ zones: [...zones, site], listeners: [listener('10.0.0.1:8080', named)] });`,
  );
  files.write(
    'many.ts',
    `${head}export default definePolicy({ zones, listeners: [
  listener('10.0.0.1:1', named, { name: 'named' }),
  listener('10.0.0.1:2', fixed, { name: 'fixed' }),
  csZoneListener('10.0.0.1:3', { name: 'zones', services: [
    { from: inside, to: outside, service: through },
    { from: inside, to: inside, service: denyService('no') },
  ] }),
] });`,
  );
  files.write(
    'udp.ts',
    `${head}export default definePolicy({ zones, listeners: [
  receiver('10.0.0.1:53', through, { name: 'dns' }),
  listener('10.0.0.1:53', fixed, { name: 'tcp' }),
  receiver('10.0.0.1:123', fixed, { name: 'time' }),
] });`,
  );
  files.write(
    'two.ts',
    `${head}export default definePolicy({ zones, instances: {
  a: [listener('10.0.0.1:1', named, { name: 'first' })],
  b: [listener('10.0.0.1:2', fixed, { name: 'second' })],
} });`,
  );
});

interface Answer {
  readonly code: number;
  readonly ok: boolean;
  readonly question: Record<string, unknown>;
  readonly decision: Record<string, unknown>;
}

/** Asks, and gives the answer as JSON. */
async function ask(name: string, options: Partial<ExplainOptions>): Promise<Answer> {
  const world = new CliWorld();
  world.names.set('www.example.org', ['192.0.2.7', '2001:db8::7']);
  const given = { client: '10.1.2.3', to: '192.0.2.1:80', ...options, json: true };
  const code = await explain(files.path(name), given, world.output, world.tools);
  return { code, ...(JSON.parse(world.out) as Omit<Answer, 'code'>) };
}

describe('explain() with host names', () => {
  const options = { client: '10.1.2.3', to: '198.51.100.1:80' };

  it('finds the zone of an address by the host name that has it now, and says so', async () => {
    const world = new CliWorld();
    world.names.set('site.example', ['198.51.100.1']);
    const path = files.path('hosts.ts');
    const code = await explain(path, { ...options, json: false }, world.output, world.tools);
    assert.equal(code, 0);
    assert.match(world.out, /^1 host name of the policy has no address now: gone\.example\n/);
    assert.match(
      world.out,
      /zone site +its host name has the address: site\.example is 198\.51\.100\.1/,
    );
  });

  it('lists the names that have none as JSON', async () => {
    const world = new CliWorld();
    const path = files.path('hosts.ts');
    const code = await explain(path, { ...options, json: true }, world.output, world.tools);
    const { unresolved } = JSON.parse(world.out) as { unresolved: string[] };
    assert.deepEqual([code, unresolved], [1, ['site.example', 'gone.example']]);
  });
});

describe('explain()', () => {
  it('where the protocol names the server, takes --to for that server', async () => {
    const { code, ok, question, decision } = await ask('one.ts', { to: 'www.example.org:443' });
    assert.deepEqual([code, ok], [0, true]);
    assert.deepEqual(question, {
      instance: 'zorp',
      listener: '10.0.0.1:8080',
      client: '10.1.2.3:40000',
      clientLocal: '10.0.0.1:8080',
      to: 'www.example.org:443',
      address: '192.0.2.7:443',
      resolved: ['192.0.2.7', '2001:db8::7'],
      protocol: 'tcp',
      icmp: null,
      interface: null,
      requestId: null,
      detected: null,
    });
    assert.equal(decision['server'], '192.0.2.7:443');
  });

  it('elsewhere takes it for what the client connects to', async () => {
    const through = await ask('many.ts', { listener: 'zones' });
    assert.equal(through.question['clientLocal'], '192.0.2.1:80');
    assert.deepEqual([through.code, through.decision['server']], [0, '192.0.2.1:80']);
    const fixed = await ask('many.ts', { listener: 'fixed' });
    assert.deepEqual([fixed.code, fixed.decision['server']], [0, '192.0.2.9:99']);
  });

  it('takes the listener that listens on --to, if none is named', async () => {
    const { question } = await ask('many.ts', { to: '10.0.0.1:2' });
    assert.equal(question['listener'], 'fixed');
  });

  it('ends with 1 for what is refused', async () => {
    const outside = await ask('one.ts', { client: '192.0.2.5' });
    assert.deepEqual([outside.code, outside.ok], [1, false]);
    assert.equal(outside.decision['reason'], 'access.outbound');
    const denied = await ask('many.ts', { listener: 'zones', to: '10.9.9.9' });
    assert.deepEqual([denied.code, denied.decision['reason']], [1, 'service.denied']);
  });

  it('finds the instance by the listener', async () => {
    const { question } = await ask('two.ts', { listener: 'second' });
    assert.equal(question['instance'], 'b');
  });

  it('knows the addresses of this machine: where a bind follows an interface, and what is itself', async () => {
    const world = new CliWorld();
    const addresses = [IpAddress.parse('10.0.0.7')];
    world.interfaces = new InterfaceTable([
      { index: 2, name: 'eth0', group: 0, isUp: true, addresses },
    ]);
    const explained = async (to: string): Promise<{ clientLocal: string; reason: string }> => {
      world.out = '';
      const options = { client: '10.0.0.9', to, json: true };
      await explain(files.path('follow.ts'), options, world.output, world.tools);
      const { question, decision } = JSON.parse(world.out) as {
        question: { clientLocal: string };
        decision: { reason: string };
      };
      return { clientLocal: question.clientLocal, reason: decision.reason };
    };
    assert.deepEqual(await explained('192.0.2.1:80'), {
      clientLocal: '10.0.0.7:8080',
      reason: 'permitted',
    });
    assert.deepEqual(await explained('10.0.0.7:8080'), {
      clientLocal: '10.0.0.7:8080',
      reason: 'route.loop',
    });
  });

  it('names the choices where it cannot choose', async () => {
    await assert.rejects(ask('two.ts', {}), { exitCode: 2, message: /one of a, b$/ });
    await assert.rejects(ask('two.ts', { listener: 'x' }), {
      exitCode: 2,
      message: /one of a, b$/,
    });
    await assert.rejects(ask('many.ts', {}), {
      exitCode: 2,
      message:
        'Instance zorp has 3 listeners, and none of them listens on 192.0.2.1:80: ' +
        'give --listener with one of named, fixed, zones',
    });
    await assert.rejects(ask('one.ts', { listener: 'x' }), {
      message: 'Instance zorp has no listener "x": give --listener with one of 10.0.0.1:8080',
    });
  });

  it('tells a receiver from a listener at the same address, and takes its datagrams', async () => {
    const chosen = async (options: Partial<ExplainOptions>) => {
      const { code, question } = await ask('udp.ts', options);
      return [question['listener'], question['protocol'], code];
    };
    assert.deepEqual(await chosen({ to: '10.0.0.1:53' }), ['tcp', 'tcp', 0]);
    assert.deepEqual(await chosen({ to: '10.0.0.1:53', protocol: 'udp' }), ['dns', 'udp', 1]);
    assert.deepEqual(await chosen({ to: '10.0.0.1:123' }), ['time', 'udp', 0]);
    assert.deepEqual(await chosen({ to: '192.0.2.1:53', listener: 'dns' }), ['dns', 'udp', 0]);
  });

  it('says in words what it assumed, and shows the trace', async () => {
    const world = new CliWorld();
    world.names.set('www.example.org', ['192.0.2.7', '2001:db8::7']);
    world.names.set('one.example.org', ['192.0.2.8']);
    const told = async (name: string, options: Omit<ExplainOptions, 'json'>): Promise<string> => {
      world.out = '';
      const given = { ...options, json: false };
      await explain(files.path(name), given, world.output, world.tools);
      return world.out;
    };
    const client = '10.1.2.3';
    assert.match(
      await told('one.ts', { client, to: 'www.example.org' }),
      /^10\.1\.2\.3:40000 connects to listener 10\.0\.0\.1:8080 at 10\.0\.0\.1:8080 and asks for 192\.0\.2\.7:80 \(www\.example\.org is 192\.0\.2\.7, the first of 2 addresses\)\nPERMITTED: /,
    );
    assert.match(
      await told('many.ts', { client, to: 'one.example.org', listener: 'zones' }),
      /^10\.1\.2\.3:40000 connects to 192\.0\.2\.8:80 \(one\.example\.org is 192\.0\.2\.8\), and listener zones takes the connection\n/,
    );
  });
});
