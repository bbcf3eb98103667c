// Detection through dispatch: the first bytes name the service, which gets them again, and nothing is left behind.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { act } from '../../test/support/pump-world.ts';
import type { SessionHandler } from '../../test/support/session-world.ts';
import { proxyOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { definePolicy } from '../policy/define-policy.ts';
import { ruleListener } from '../policy/rule-listener.ts';
import { rule } from '../policy/rule.ts';
import type { DetectLine } from '../policy/rule.ts';
import type { AnyService, Service } from '../policy/service.ts';
import { denyService } from '../policy/service.ts';
import { zone } from '../policy/zone.ts';
import { httpDetector } from '../protocols/http/index.ts';
import { sshDetector } from '../protocols/ssh/index.ts';
import type { Detection } from '../proxy/detector.ts';
import { askMatcher } from '../proxy/matcher.ts';
import { declare } from '../proxy/policy-fault.ts';
import { wrong } from '../../test/support/policy-samples.ts';

/** Connects and copies; what it is called is told to the server first. */
function copier(name: string): SessionHandler {
  return (event) => {
    switch (event.type) {
      case 'started':
        return [act.hold('client'), act.connect()];
      case 'connected':
        return [
          act.send('server', `${name}:`),
          act.relay('client', 'server'),
          act.relay('server', 'client'),
          act.release('client'),
        ];
      case 'ended':
        return [act.close(`${event.from}-ended`)];
      default:
        return [];
    }
  };
}

function copying(name: string): Service {
  return serviceOf(name, { proxy: proxyOf(copier(name)) });
}

const web = copying('web');
const ssh = copying('ssh');
const other = copying('other');
const no = denyService('no');

/** A world with one rule; without a fallback it has no service for what is not recognised. */
function worldOf(
  fallback: AnyService | 'none' = other,
  detect: readonly DetectLine[] = [
    { detector: httpDetector(), service: web },
    { detector: sshDetector(), service: ssh },
  ],
): SessionWorld {
  const made = fallback === 'none' ? rule({ detect }) : rule({ detect, service: fallback });
  const policy = definePolicy({
    zones: [zone('all', { subnets: ['0.0.0.0/0'] })],
    rules: [made],
    listeners: [ruleListener('192.0.2.254:8080', { name: 'door' })],
  });
  return new SessionWorld({ policy, revision: 'f00d' });
}

describe('a rule with detectors', () => {
  it('starts the service that the first bytes name, which hears them again', async () => {
    const world = worldOf();
    const client = world.accept();
    client.says('GE');
    await world.settle();
    assert.equal(world.connects.length, 0);
    assert.equal(world.runtime.sessions.size, 1);
    client.says('T / HTTP/1.1\r\n');
    await world.settle();
    const server = world.connected();
    client.says('\r\n').ends();
    await world.settle();
    assert.equal(server.output, 'web:GET / HTTP/1.1\r\n\r\n');
    server.ends();
    await world.settle();
    const [record] = world.log.records;
    assert.deepEqual([record?.service, record?.rule, record?.reason], ['web', 1, 'client-ended']);
    assert.equal(world.log.records.length, 1);
    assert.deepEqual(world.leftovers(), []);
  });

  it('starts the service of the rule for what no detector knows', async () => {
    const world = worldOf();
    const client = world.accept();
    client.says('\x16\x03\x01');
    await world.settle();
    const server = world.connected();
    await world.settle();
    assert.equal(server.output, 'other:\x16\x03\x01');
    world.abortAll();
    await world.settle();
    assert.equal(world.log.records[0]?.service, 'other');
    assert.deepEqual(world.leftovers(), []);
  });

  it('refuses what no detector knows where the rule has no service for it, or denies it', async () => {
    for (const [fallback, reason] of [
      ['none', 'detect.none'],
      [no, 'service.denied'],
    ] as const) {
      const world = worldOf(fallback);
      world.accept().says('\x16');
      await world.settle();
      assert.equal(world.log.records[0]?.reason, reason);
      assert.deepEqual(world.leftovers(), []);
    }
  });

  it('gives up on a client that says half a line, after a bounded time', async () => {
    const world = worldOf();
    world.accept().says('GET /');
    await world.settle();
    world.clock.advance(4_999);
    assert.equal(world.connects.length, 0);
    world.clock.advance(1);
    await world.settle();
    const server = world.connected();
    await world.settle();
    assert.equal(server.output, 'other:GET /');
    world.abortAll();
    await world.settle();
    assert.deepEqual(world.leftovers(), []);
  });

  it('decides at once when the client ends', async () => {
    const world = worldOf();
    world.accept().says('GET /').ends();
    await world.settle();
    world.connected().ends();
    await world.settle();
    assert.equal(world.log.records[0]?.service, 'other');
    assert.deepEqual(world.leftovers(), []);
  });

  it('records a client that is lost before, and one that is aborted', async () => {
    const lost = worldOf();
    lost.accept().says('GE').breaks();
    await lost.settle();
    const aborted = worldOf();
    aborted.accept().says('GE');
    await aborted.settle();
    aborted.abortAll();
    await aborted.settle();
    const reasons = [lost, aborted].map((world) => world.log.records.map(({ reason }) => reason));
    assert.deepEqual(reasons, [['detect.client-lost'], ['over']]);
    for (const world of [lost, aborted]) assert.deepEqual(world.leftovers(), []);
  });
});

describe('a client that waits for its server to speak', () => {
  async function silent(): Promise<SessionWorld> {
    const world = worldOf();
    world.accept();
    await world.settle();
    world.clock.advance(499);
    assert.equal(world.connects.length, 0);
    world.clock.advance(1);
    await world.settle();
    return world;
  }

  it('gets the service whose server greets, on the connection that was made to hear it', async () => {
    const world = await silent();
    const server = world.connected();
    server.says('SSH-2.0-test\r\n');
    await world.settle();
    assert.equal(world.connects.length, 1);
    const [client] = world.streams;
    assert.equal(client?.output, 'SSH-2.0-test\r\n');
    assert.equal(server.output, 'ssh:');
    server.ends();
    client.ends();
    await world.settle();
    const [record] = world.log.records;
    assert.deepEqual([record?.service, record?.connects.length], ['ssh', 1]);
    assert.equal(world.log.records.length, 1);
    assert.deepEqual(world.leftovers(), []);
  });

  it('counts for that service from the connect on, so that no crowd of them is more than it may have', async () => {
    const few = serviceOf('few', { proxy: proxyOf(copier('few')), limits: { maxInstances: 2 } });
    const detect = [{ detector: sshDetector(), service: few }];
    const policy = definePolicy({
      zones: [zone('all', { subnets: ['0.0.0.0/0'] })],
      rules: [rule({ detect, service: no })],
      listeners: [ruleListener('192.0.2.254:8080', { name: 'door' })],
    });
    const world = new SessionWorld({ policy, revision: 'f00d' });
    for (let count = 0; count < 4; count++) world.accept();
    await world.settle();
    world.clock.advance(500);
    await world.settle();
    assert.equal(world.connects.length, 2);
    assert.equal(world.runtime.counters.of('few').running, 2);
    world.connected().says('SSH-2.0-test\r\n');
    world.streams[0]?.breaks();
    await world.settle();
    assert.equal(world.runtime.counters.of('few').running, 1);
    world.clock.advance(5_000);
    await world.settle();
    const told = world.log.records.map(({ reason, connects }) => [reason, connects[0]?.outcome]);
    assert.deepEqual([...told].sort(), [
      ['detect.client-lost', 'connect.given-up'],
      ['service.denied', 'limit.max-instances'],
      ['service.denied', 'limit.max-instances'],
    ]);
    world.abortAll();
    await world.settle();
    assert.equal(world.runtime.counters.of('few').running, 0);
    assert.deepEqual(world.leftovers(), []);
  });

  it('gets another service if it speaks after all, and that server is let go', async () => {
    const world = await silent();
    const server = world.connected();
    await world.settle();
    world.streams[0]?.says('GET / HTTP/1.1\r\n');
    await world.settle();
    assert.deepEqual(server.calls, ['destroy']);
    const webServer = world.connected();
    await world.settle();
    assert.equal(webServer.output, 'web:GET / HTTP/1.1\r\n');
    world.abortAll();
    await world.settle();
    const [record] = world.log.records;
    assert.deepEqual([record?.service, record?.connects.length], ['web', 2]);
    assert.deepEqual(world.leftovers(), []);
  });

  it('gets the service of the rule if that server cannot be reached, is lost, or says nothing', async () => {
    const failures = [
      (world: SessionWorld): void => world.connectFails(),
      (world: SessionWorld): void => void world.connected().breaks(),
      (world: SessionWorld): void => void world.connected(),
      (): void => undefined,
    ];
    for (const fail of failures) {
      const world = await silent();
      fail(world);
      await world.settle();
      world.clock.advance(4_500);
      await world.settle();
      const server = world.connected();
      await world.settle();
      assert.equal(server.output, 'other:');
      world.abortAll();
      await world.settle();
      assert.equal(world.log.records.length, 1);
      assert.deepEqual(world.leftovers(), []);
    }
  });
});

describe('a detector that asks a function of the policy', () => {
  it('ends the session where that fails, and it goes to no other service', async () => {
    const detect = (): Detection =>
      askMatcher('SNI detector', () => wrong(7), 'a') ? 'match' : 'no-match';
    const detector = declare({ ...httpDetector(), detect }, httpDetector);
    const world = worldOf(other, [{ detector, service: web }]);
    const client = world.accept();
    client.says('GET / HTTP/1.1\r\n');
    await world.settle();
    const [record] = world.log.records;
    assert.equal(record?.verdict, 'invalid-policy-call');
    assert.equal(record.reason, 'policy.invalid-result');
    assert.equal(record.message, 'The SNI detector returned 7: return true or false');
    assert.deepEqual(world.log.codes, ['policy.invalid-result']);
    assert.deepEqual(world.leftovers(), []);
  });
});
