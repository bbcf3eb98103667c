import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { idleProxy, onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import type { Bind } from './bind.ts';
import { interfaceBind } from './interface-bind.ts';
import { receivingFields, zonePairFields } from './listener-options.ts';
import type { Listener } from './make-listener.ts';
import { makePlainListener, makeZoneListener } from './make-listener.ts';
import { service } from './service.ts';
import { zone } from './zone.ts';

const web = service('web', { proxy: idleProxy() });
const intranet = zone('intranet', { subnets: [] });

/** Another protocol than that of listener(), and options of its own. */
function receiver(options: object, bind: Bind = '[::1]:53'): Listener {
  const schema = z.strictObject({ ...receivingFields, size: z.int().optional() });
  return makePlainListener({ factory: receiver, protocol: 'udp', schema }, bind, web, options);
}

describe('makePlainListener()', () => {
  it('makes a listener of the protocol and with the options of its function', () => {
    const made = receiver({ size: 5, name: 'dns' });
    assert.deepEqual([made.protocol, made.type, made.name], ['udp', 'plain', 'dns']);
    assert.equal(made.backlog, 0); // no queue of connections
    assert.deepEqual(faultsOf(made), []);
    const faulty = onlyFault(receiver({ backlog: 5 }), 'receiver(');
    assert.match(faulty.cure, /^it is an option of [a-z]*[lL]istener\(\)/);
  });

  it('says once that an option is wrong, and not what would follow from it', () => {
    assert.equal(
      onlyFault(receiver({ transparent: 'yes', redirectPorts: 53 }), 'receiver(').path,
      'transparent',
    );
  });
});

describe('redirectPorts of a listener that follows an interface', () => {
  const diverted = { transparent: true, redirectPorts: 53 };
  const eth0 = interfaceBind('eth0', { port: 53 });

  it('needs an address that stays, where the packet filter brings connections', () => {
    const fault = onlyFault(receiver(diverted, eth0), 'receiver(');
    assert.deepEqual([fault.path, fault.value], ['redirectPorts', '"53"']);
    assert.match(fault.cure, /^add an address to the bind, such as/);
    assert.deepEqual(faultsOf(receiver(diverted, [eth0, '127.0.0.1:50053'])), []);
    assert.deepEqual(faultsOf(receiver({ transparent: true }, eth0)), []);
  });
});

describe('makeZoneListener()', () => {
  it('leaves a faulty line out, and finds one that is there twice', () => {
    const schema = z.strictObject({ ...receivingFields, ...zonePairFields });
    function pairs(...services: readonly unknown[]): Listener {
      const kind = { factory: pairs, protocol: 'udp', schema } as const;
      return makeZoneListener(kind, 'cs-zone', '[::1]:53', { services });
    }
    const line = { from: intranet, to: '*', service: web };
    assert.deepEqual(pairs(line).choices, [line]);
    assert.equal(onlyFault(pairs(line, line), 'pairs(').path, 'services[1]');
    const none = pairs({ ...line, service: wrong('web') });
    assert.deepEqual(none.choices, []);
    assert.equal(onlyFault(none, 'pairs(').path, 'services[0].service');
  });
});
