import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from '../proxy/policy-fault.ts';
import { idleProxy, onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { csZoneListener, listener, zoneListener } from './listener.ts';
import { service } from './service.ts';
import { zone } from './zone.ts';

const web = service('web', { proxy: idleProxy() });
const intranet = zone('intranet', { subnets: [] });
const dmz = zone('dmz', { subnets: [] });

describe('listener()', () => {
  it('makes a frozen listener named after its first bind', () => {
    const made = listener(['127.0.0.1:80', '[::1]:80'], web);
    const { kind, type, name, backlog, followParent } = made;
    assert.deepEqual([kind, type, name], ['listener', 'plain', '127.0.0.1:80']);
    assert.deepEqual([backlog, followParent], [255, false]);
    assert.deepEqual(made.binds.map(String), ['127.0.0.1:80', '[::1]:80']);
    assert.deepEqual(made.choices, [{ from: '*', to: '*', service: web }]);
    for (const part of [made, made.binds, made.choices, made.choices[0]])
      assert.ok(Object.isFrozen(part));
    assert.deepEqual(faultsOf(made), []);
  });

  const binds: [bind: unknown, path: string, cure: RegExp][] = [
    ['10.0.0.1', 'bind', /write address and port/],
    ['80', 'bind', /, or 0\.0\.0\.0:80 for all IPv4 addresses of this machine$/],
    [':80', 'bind', /, or 0\.0\.0\.0:80 for all IPv4 addresses of this machine$/],
    ['::1:80', 'bind', /in brackets/],
    ['localhost:80', 'bind', /Cannot parse socket address "localhost:80"/],
    ['eth0:80', 'bind', /, or interfaceBind\("eth0", \{ port: 80 \}\) if this is an interface$/],
    ['10.0.0.1:65536', 'bind', /port must be 0-65535/],
    ['[::ffff:10.0.0.1]:80', 'bind', /write it as IPv4: 10\.0\.0\.1:80/],
    [['10.0.0.1:80', '10.0.0.1:x'], 'bind[1]', /Cannot parse socket address "10\.0\.0\.1:x"/],
    [[], 'bind', /give an address and a port/],
    [80, 'bind', /give an address and a port/],
    [undefined, 'bind', /give an address and a port/],
  ];
  for (const [bind, path, cure] of binds) {
    it(`remembers that it cannot listen on ${JSON.stringify(bind)}, and does not throw`, () => {
      const made = listener(wrong(bind), web);
      const fault = onlyFault(made, 'listener(');
      assert.equal(fault.path, path);
      assert.match(fault.cure, cure);
      assert.deepEqual(made.binds, []);
      assert.equal(made.choices[0]?.service, web);
    });
  }

  it('is for what is meant for itself, over TCP, unless it is transparent', () => {
    const plain = listener('127.0.0.1:80', web);
    assert.deepEqual([plain.protocol, plain.transparent, plain.isHidden], ['tcp', false, false]);
    assert.deepEqual([plain.redirectPorts, plain.divertedBy], [undefined, 'tproxy']);
    const options = { transparent: true, redirectPorts: ['80', 8080] };
    const transparent = listener('127.0.0.1:50081', web, options);
    assert.equal(transparent.transparent, true);
    assert.equal(String(transparent.redirectPorts), '80,8080');
    const byHand = listener('0.0.0.0:1', web, { transparent: true, divertedBy: 'redirect' });
    assert.equal(byHand.divertedBy, 'redirect');
    for (const made of [transparent, byHand]) assert.deepEqual(faultsOf(made), []);
  });

  it('remembers what is wrong with its service and its options', () => {
    const noService = listener('127.0.0.1:80', wrong('web'));
    assert.deepEqual(noService.choices, []);
    assert.match(onlyFault(noService, 'listener(').cure, /made by service\(\) or denyService\(\)/);
    const cases: [options: unknown, path: string, cure: RegExp][] = [
      [{ backlog: 0 }, 'backlog', /1 to 65535/],
      [{ backlog: 65_536 }, 'backlog', /1 to 65535/],
      [{ name: 'a b' }, 'name', /1 to 64 letters/],
      [{ name: 7 }, 'name', /give a text/],
      [{ transparent: 1 }, 'transparent', /true or false/],
      [{ transparency: true }, 'transparency', /^write "transparent": there is no such option$/],
      [{ transparent: true, redirectPorts: '80-' }, 'redirectPorts', /Cannot parse port range/],
      [{ redirectPorts: 80 }, 'redirectPorts', /add transparent: true/],
      [{ divertedBy: 'redirect' }, 'divertedBy', /add transparent: true/],
      [{ transparent: true, divertedBy: 'nat' }, 'divertedBy', /"tproxy" or "redirect"/],
      [
        { transparent: true, redirectPorts: 80, divertedBy: 'redirect' },
        'redirectPorts',
        /zorp nft brings connections by tproxy/,
      ],
      [{ followParent: true }, 'followParent', /option of zoneListener\(\)/],
    ];
    for (const [options, path, cure] of cases) {
      const fault = onlyFault(listener('127.0.0.1:80', web, wrong(options)), 'listener(');
      assert.equal(fault.path, path);
      assert.match(fault.cure, cure);
    }
  });
});

describe('zoneListener() and csZoneListener()', () => {
  it('take lines for zones, and "*" for all', () => {
    const services = [
      { from: intranet, service: web },
      { from: '*' as const, service: web },
    ];
    const made = zoneListener('127.0.0.1:80', { services, followParent: true, name: 'by-zone' });
    assert.deepEqual([made.type, made.name, made.followParent], ['zone', 'by-zone', true]);
    assert.deepEqual(
      made.choices.map(({ from, to }) => [from, to]),
      [
        [intranet, '*'],
        ['*', '*'],
      ],
    );
    const pairs = [{ from: intranet, to: dmz, service: web }];
    const pair = csZoneListener('127.0.0.1:80', { services: pairs });
    assert.deepEqual([pair.type, pair.choices], ['cs-zone', pairs]);
    for (const part of [made.choices, made.choices[0], pair.choices, pair.choices[0]])
      assert.ok(Object.isFrozen(part));
  });

  const line = { from: intranet, service: web };
  const faulty: [options: unknown, path: string, cure: RegExp][] = [
    [{}, 'services', /a list of lines/],
    [{ services: [] }, 'services', /at least one line/],
    [
      { services: [{ ...line, from: 'intranet' }] },
      'services[0].from',
      /made by zone\(\), or "\*"/,
    ],
    [{ services: [line, { from: dmz }] }, 'services[1].service', /made by service\(\)/],
    [{ services: [{ ...line, to: dmz }] }, 'services[0].to', /services in csZoneListener\(\)/],
    [{ services: [line, line] }, 'services[1]', /line 0 is for the same zones/],
    [{ services: [line], followParent: 'yes' }, 'followParent', /true or false/],
    [
      { services: [line], follow: true },
      'follow',
      /there are name, .*, backlog, .*, followParent, services/,
    ],
  ];
  for (const [options, path, cure] of faulty) {
    it(`zoneListener() remembers what is wrong with ${path}, and does not throw`, () => {
      const fault = onlyFault(zoneListener('127.0.0.1:80', wrong(options)), 'zoneListener(');
      assert.equal(fault.path, path);
      assert.match(fault.cure, cure);
    });
  }

  it('csZoneListener() remembers a line without a server zone', () => {
    const made = csZoneListener('127.0.0.1:80', { services: [wrong(line)] });
    assert.equal(onlyFault(made, 'csZoneListener(').path, 'services[0].to');
    assert.deepEqual(made.choices, []);
  });
});
