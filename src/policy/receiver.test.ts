import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from '../proxy/policy-fault.ts';
import { idleProxy, onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { explainListener } from './explain-listener.ts';
import { csZoneReceiver, receiver, zoneReceiver } from './receiver.ts';
import { service } from './service.ts';
import { zone } from './zone.ts';

const names = service('names', { proxy: { ...idleProxy(), takesDatagrams: true } });
const intranet = zone('intranet', { subnets: [] });
const dmz = zone('dmz', { subnets: [] });

describe('receiver()', () => {
  it('makes a listener for datagrams, named after its first bind and its protocol', () => {
    const made = receiver(['127.0.0.1:53', '[::1]:53'], names);
    const { kind, type, protocol, name, backlog } = made;
    assert.deepEqual(
      [kind, type, protocol, name],
      ['listener', 'plain', 'udp', '127.0.0.1:53/udp'],
    );
    assert.deepEqual(made.datagrams, { maxSessions: 4096, receiveBufferBytes: 65_536 });
    assert.deepEqual([backlog, made.transparent], [0, false]);
    assert.deepEqual(made.choices, [{ from: '*', to: '*', service: names }]);
    for (const part of [made, made.binds, made.choices, made.datagrams])
      assert.ok(Object.isFrozen(part));
    assert.deepEqual(faultsOf(made), []);
    assert.match(
      explainListener(made),
      /^receives datagrams at 127\.0\.0\.1:53, \[::1\]:53; starts names$/,
    );
  });

  it('takes its bounds, and what is meant for others', () => {
    const options = { maxSessions: 1, receiveBufferBytes: 2048, transparent: true };
    const made = receiver('127.0.0.1:1', names, { ...options, redirectPorts: 53, name: 'dns' });
    assert.deepEqual(made.datagrams, { maxSessions: 1, receiveBufferBytes: 2048 });
    assert.deepEqual(
      [made.name, made.transparent, String(made.redirectPorts)],
      ['dns', true, '53'],
    );
    assert.deepEqual(faultsOf(made), []);
  });

  const faults: [options: object, path: string, cure: RegExp][] = [
    [{ maxSessions: 0 }, 'maxSessions', /1 to 1000000/],
    [{ maxSessions: 1.5 }, 'maxSessions', /whole number/],
    [{ maxSessions: 1_000_001 }, 'maxSessions', /1 to 1000000/],
    [{ receiveBufferBytes: 2047 }, 'receiveBufferBytes', /2048 to 1073741824/],
    [{ receiveBufferBytes: 2 ** 31 }, 'receiveBufferBytes', /2048 to 1073741824/],
    [{ redirectPorts: 53 }, 'redirectPorts', /add transparent: true/],
    [{ backlog: 1 }, '', /backlog/],
    [{ divertedBy: 'redirect', transparent: true }, '', /divertedBy/],
  ];
  for (const [options, path, cure] of faults) {
    it(`remembers the fault of ${JSON.stringify(options)}`, () => {
      const fault = onlyFault(receiver('127.0.0.1:53', names, wrong(options)), 'receiver(');
      if (path !== '') assert.equal(fault.path, path);
      assert.match(`${fault.path} ${fault.value} ${fault.cure}`, cure);
    });
  }
});

describe('zone receivers', () => {
  it('pick by the zone of the client', () => {
    const services = [{ from: intranet, service: names }] as const;
    const made = zoneReceiver('127.0.0.1:53', { services, followParent: true, maxSessions: 7 });
    assert.deepEqual([made.type, made.protocol, made.followParent], ['zone', 'udp', true]);
    assert.deepEqual(made.choices, [{ from: intranet, to: '*', service: names }]);
    assert.equal(made.datagrams.maxSessions, 7);
    assert.deepEqual(faultsOf(made), []);
  });

  it('pick by the zones of both', () => {
    const services = [{ from: intranet, to: dmz, service: names }] as const;
    const made = csZoneReceiver('127.0.0.1:123', { services, transparent: true });
    assert.deepEqual([made.type, made.protocol, made.transparent], ['cs-zone', 'udp', true]);
    assert.deepEqual(made.choices, [{ from: intranet, to: dmz, service: names }]);
    assert.deepEqual(faultsOf(made), []);
  });

  it('remember that they have no lines', () => {
    const none = { services: [] };
    assert.equal(onlyFault(zoneReceiver('127.0.0.1:53', none), 'zoneReceiver(').path, 'services');
    const both = onlyFault(csZoneReceiver('127.0.0.1:53', none), 'csZoneReceiver(');
    assert.equal(both.path, 'services');
  });
});
