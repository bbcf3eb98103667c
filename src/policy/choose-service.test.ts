import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { chooseService } from './choose-service.ts';
import type { Listener } from './make-listener.ts';
import type { ZonePairChoice } from './listener-options.ts';
import { csZoneListener, listener, zoneListener } from './listener.ts';
import type { Service } from './service.ts';
import { service } from './service.ts';
import type { TraceStep } from './trace.ts';
import type { Zone } from './zone.ts';
import { zone } from './zone.ts';

const BIND = '127.0.0.1:80';
const root = zone('root', { subnets: [] });
const site = zone('site', { subnets: [], parent: root });
const office = zone('office', { subnets: [], parent: site });
const other = zone('other', { subnets: [] });

function named(name: string): Service {
  return service(name, { proxy: idleProxy() });
}

/** The name of the chosen service and, of every line, what became of it. */
function choose(made: Listener, client?: Zone, destination?: Zone): [string | undefined, string[]] {
  const trace: TraceStep[] = [];
  const chosen = chooseService(made, { client, destination }, trace);
  const steps = trace.map(({ outcome, subject }) => `${outcome} ${(subject as Service).name}`);
  return [chosen?.name, steps];
}

/** A listener with a line for each of these zones, whose service is named after the zone. */
function byClient(followParent: boolean, ...zones: readonly (Zone | '*')[]): Listener {
  const services = zones.map((from) => ({
    from,
    service: named(from === '*' ? 'all' : from.name),
  }));
  return zoneListener(BIND, { services, followParent });
}

describe('chooseService() of a plain listener', () => {
  it('is its only service, whatever the zones are', () => {
    assert.deepEqual(choose(listener(BIND, named('web')), other, undefined), ['web', []]);
  });
});

describe('chooseService() by client zone (as the dispatchers of the original)', () => {
  it('takes the own zone before "*"', () => {
    const made = byClient(false, '*', office);
    assert.deepEqual(choose(made, office), ['office', ['lost all', 'chosen office']]);
    assert.deepEqual(choose(made, site), ['all', ['skipped office', 'chosen all']]);
  });

  it('does not look at ancestors unless it follows parents', () => {
    assert.deepEqual(choose(byClient(false, site, root), office), [
      undefined,
      ['skipped site', 'skipped root'],
    ]);
  });

  it('takes the nearest ancestor if it follows parents', () => {
    const made = byClient(true, root, site, other);
    assert.deepEqual(choose(made, office), ['site', ['lost root', 'skipped other', 'chosen site']]);
    assert.deepEqual(choose(made, root), [
      'root',
      ['skipped site', 'skipped other', 'chosen root'],
    ]);
  });

  it('lets "*" lose even to the root if it follows parents', () => {
    const made = byClient(true, '*', root);
    assert.deepEqual(choose(made, office), ['root', ['lost all', 'chosen root']]);
    assert.equal(choose(made, other)[0], 'all');
  });

  it('gives a client in no zone to "*" only', () => {
    assert.equal(choose(byClient(true, office, root), undefined)[0], undefined);
    assert.equal(choose(byClient(true, office, '*'), undefined)[0], 'all');
  });
});

describe('chooseService() by client and server zone', () => {
  function line(name: string, from: Zone | '*', to: Zone | '*'): ZonePairChoice {
    return { from, to, service: named(name) };
  }

  it('takes the nearest client zone first, then the nearest server zone', () => {
    const services = [
      line('far-near', root, other),
      line('near-far', site, '*'),
      line('near-near', site, other),
      line('all', '*', '*'),
    ];
    const made = csZoneListener(BIND, { services, followParent: true });
    assert.deepEqual(choose(made, office, other), [
      'near-near',
      ['lost far-near', 'lost near-far', 'lost all', 'chosen near-near'],
    ]);
    assert.equal(choose(made, office, root)[0], 'near-far');
    assert.equal(choose(made, root, other)[0], 'far-near');
    assert.equal(choose(made, other, undefined)[0], 'all');
  });

  it('prefers a near client zone even when the other line has a far nearer server zone', () => {
    const services = [line('client', office, '*'), line('server', site, office)];
    const made = csZoneListener(BIND, { services, followParent: true });
    assert.equal(choose(made, office, office)[0], 'client');
  });

  it('lets "*" stand for a destination in no zone', () => {
    const made = csZoneListener(BIND, {
      services: [line('a', office, other), line('b', office, '*')],
    });
    assert.equal(choose(made, office, undefined)[0], 'b');
  });

  it('does not depend on the order of the lines', () => {
    const services = [line('a', root, '*'), line('b', site, root), line('c', '*', other)];
    const orders = [services, services.toReversed()];
    for (const destination of [root, other, undefined]) {
      const names = orders.map(
        (order) =>
          choose(
            csZoneListener(BIND, { services: order, followParent: true }),
            office,
            destination,
          )[0],
      );
      assert.equal(names[0], names[1]);
    }
  });
});
