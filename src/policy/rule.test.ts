import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from '../proxy/policy-fault.ts';
import { onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { detectorOf, zoneOf } from '../../test/support/rule-samples.ts';
import { rule } from './rule.ts';
import { denyService } from './service.ts';

const web = denyService('web');
const intranet = zoneOf('intranet');
const dmz = zoneOf('dmz');

describe('rule()', () => {
  it('without conditions holds for everything', () => {
    const made = rule({ service: web });
    const { kind, name, id, service, sourcePorts, ports, ...lists } = made;
    assert.deepEqual([kind, name, id, service], ['rule', undefined, undefined, web]);
    assert.deepEqual([sourcePorts, ports], [undefined, undefined]);
    for (const list of Object.values(lists)) assert.deepEqual(list, []);
    assert.equal(Object.keys(lists).length, 13);
    assert.ok(Object.isFrozen(made));
    assert.deepEqual(faultsOf(made), []);
  });

  it('takes single values', () => {
    const made = rule({
      name: 'mail, for now',
      id: 7,
      service: web,
      from: intranet,
      to: dmz,
      sourceSubnets: '10.0.0.1/8',
      destinationSubnets: '2001:db8::1',
      sourcePorts: '1024-65535',
      ports: 25,
      protocols: 'tcp',
      interfaces: 'eth0',
      interfaceGroups: 0,
      destinationInterfaces: 'eth1',
      destinationInterfaceGroups: 4_294_967_295,
      requestIds: 1,
    });
    assert.deepEqual(faultsOf(made), []);
    assert.deepEqual([made.name, made.id], ['mail, for now', 7]);
    assert.deepEqual([made.from, made.to], [[intranet], [dmz]]);
    assert.deepEqual(made.sourceSubnets.map(String), ['10.0.0.0/8']);
    assert.deepEqual(made.destinationSubnets.map(String), ['2001:db8::1/128']);
    assert.deepEqual([String(made.sourcePorts), String(made.ports)], ['1024-65535', '25']);
    assert.deepEqual([made.protocols, made.interfaces], [[6], ['eth0']]);
    assert.deepEqual([made.interfaceGroups, made.requestIds], [[0], [1]]);
    assert.deepEqual(made.destinationInterfaces, ['eth1']);
    assert.deepEqual(made.destinationInterfaceGroups, [4_294_967_295]);
  });

  it('takes lists, and freezes them', () => {
    const made = rule({
      service: web,
      from: [intranet, dmz],
      protocols: ['icmp', 'icmpv6', 47],
      icmpTypes: [8, 128],
      icmpCodes: 0,
      sourceSubnets: ['10.0.0.0/8', '::/0'],
    });
    assert.deepEqual(faultsOf(made), []);
    assert.deepEqual(
      [made.protocols, made.icmpTypes, made.icmpCodes],
      [[1, 58, 47], [8, 128], [0]],
    );
    assert.deepEqual([made.from, made.sourceSubnets.length], [[intranet, dmz], 2]);
    const ports = rule({ service: web, ports: [80, '443,8000-8099'] });
    assert.equal(String(ports.ports), '80,443,8000-8099');
    for (const list of [made.from, made.protocols, made.icmpTypes, made.sourceSubnets])
      assert.ok(Object.isFrozen(list));
  });

  it('takes an empty list for no condition', () => {
    const made = rule({ service: web, from: [], ports: [], protocols: [], interfaces: [] });
    assert.deepEqual({ ...made }, { ...rule({ service: web }) });
  });

  it('needs no service if it detects', () => {
    const detect = [{ detector: detectorOf('http'), service: web }];
    assert.deepEqual(faultsOf(rule({ detect })), []);
    assert.equal(rule({ detect }).service, undefined);
    assert.deepEqual(rule({ detect, service: web }).detect, detect);
    assert.match(onlyFault(rule({ detect: [] }), 'rule(').cure, /a service made by service\(\)/);
  });

  const faulty: [options: Record<string, unknown>, path: string, cure: RegExp][] = [
    [{ service: 'web' }, 'service', /made by service\(\), pfService\(\) or denyService\(\)/],
    [{ service: undefined }, 'service', /made by service\(\), pfService\(\) or denyService\(\)/],
    [{ name: '' }, 'name', /1 to 100 characters/],
    [{ id: 0 }, 'id', /1 to 4294967295/],
    [{ id: 1.5 }, 'id', /1 to 4294967295/],
    [{ detect: 'http' }, 'detect', /a list of lines/],
    [{ detect: [{ detector: 'http', service: web }] }, 'detect[0].detector', /httpDetector/],
    [{ detect: [{ detector: detectorOf('a') }] }, 'detect[0].service', /made by service\(\)/],
    [{ from: 'intranet' }, 'from', /made by zone\(\)/],
    [{ to: [dmz, 'x'] }, 'to[1]', /made by zone\(\)/],
    [{ sourceSubnets: '10.0.0.0/33' }, 'sourceSubnets', /prefix must be 0-32/],
    [{ destinationSubnets: ['::/0', 'x'] }, 'destinationSubnets[1]', /Cannot parse subnet "x"/],
    [{ sourcePorts: 0 }, 'sourcePorts', /integer of 1 to 65535/],
    [{ ports: '80-' }, 'ports', /Cannot parse port range "80-"/],
    [{ ports: '' }, 'ports', /leave the field out for any port/],
    [{ ports: true }, 'ports', /give ports/],
    [{ ports: [80, null] }, 'ports[1]', /give ports/],
    [{ protocols: 'tpc' }, 'protocols', /"tcp", "udp", "icmp", "icmpv6" or a number/],
    [{ protocols: 256 }, 'protocols', /a number of 0 to 255/],
    [{ interfaces: 'a/b' }, 'interfaces', /such as "eth0"/],
    [{ interfaces: ['x'.repeat(16)] }, 'interfaces[0]', /at most 15 characters/],
    [{ interfaceGroups: -1 }, 'interfaceGroups', /0 to 4294967295/],
    [{ requestIds: 2 ** 32 }, 'requestIds', /0 to 4294967295/],
    [{ icmpTypes: 256, protocols: 'icmp' }, 'icmpTypes', /0 to 255/],
    [{ icmpTypes: 8 }, 'icmpTypes', /add protocols: "icmp"/],
    [{ icmpCodes: 0, protocols: 'tcp' }, 'icmpCodes', /add protocols: "icmp"/],
    [{ ports: 80, protocols: 'icmp' }, 'ports', /icmp has no ports/],
    [{ sourcePorts: 80, protocols: [47, 'icmpv6'] }, 'sourcePorts', /47 and icmpv6 has no ports/],
    [
      { sourceSubnets6: '::/0' },
      'sourceSubnets6',
      /^write "sourceSubnets": there is no such option$/,
    ],
  ];
  for (const [options, path, cure] of faulty) {
    it(`remembers what is wrong with ${path}, and does not throw`, () => {
      const fault = onlyFault(rule(wrong({ service: web, ...options })), 'rule(');
      assert.equal(fault.path, path);
      assert.match(fault.cure, cure);
    });
  }

  it('tells every fault, and nothing that follows from another one', () => {
    const paths = (options: unknown): readonly string[] =>
      faultsOf(rule(wrong(options))).map(({ path }) => path);
    assert.deepEqual(paths({ id: 0, ports: 0 }), ['id', 'ports', 'service']);
    assert.deepEqual(paths({ service: web, protocols: 'x', icmpTypes: 8 }), ['protocols']);
    assert.deepEqual(paths({ detect: 7 }), ['detect']);
    assert.deepEqual(paths(undefined), ['', 'service']);
  });
});
