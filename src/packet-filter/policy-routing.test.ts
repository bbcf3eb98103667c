import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isCode } from '../../test/support/packet-filter-errors.ts';
import type { RoutingRoute, RoutingRule } from './ip-program.ts';
import { IpProgram } from './ip-program.ts';
import type { RoutingFacts } from './policy-routing.ts';
import {
  changeRouting,
  isSameRouting,
  missingRouting,
  ownRouting,
  ownSettings,
  readRouting,
  ROUTING_PRIORITY,
  undoRouting,
} from './policy-routing.ts';

const settings = { mark: 0x40000000, routingTable: 50080 };
const bit = settings.mark;
const theRule: RoutingRule = {
  ...{ priority: ROUTING_PRIORITY, table: '50080', protocol: '80', isSpecial: false },
  mark: { value: bit, mask: bit },
};
const theRoute: RoutingRoute = {
  ...{ destination: 'default', device: 'lo', isLocal: true, protocol: '80' },
};
const ADD_RULE =
  'rule add priority 500 fwmark 0x40000000/0x40000000 lookup 50080 protocol 80'.split(' ');
const ADD_ROUTE = 'route add local default dev lo table 50080 protocol 80'.split(' ');

function facts(
  rules: readonly RoutingRule[],
  routes: readonly RoutingRoute[] = [],
): readonly RoutingFacts[] {
  return [{ family: 'IPv4', rules, routes }];
}

const main: RoutingRule = {
  ...{ priority: 32766, table: '254', mark: undefined, protocol: undefined, isSpecial: false },
};

describe('missingRouting()', () => {
  it('adds what is not there, the route first', () => {
    assert.deepEqual(missingRouting(facts([main]), settings), [
      { family: 'IPv4', args: ADD_ROUTE },
      { family: 'IPv4', args: ADD_RULE },
    ]);
    assert.deepEqual(missingRouting(facts([theRule]), settings), [
      { family: 'IPv4', args: ADD_ROUTE },
    ]);
  });

  it('adds nothing to what is there, whoever made it', () => {
    assert.deepEqual(missingRouting(facts([main, theRule], [theRoute]), settings), []);
    const byHand = { ...theRule, priority: 7, protocol: undefined };
    const routeByHand = { ...theRoute, protocol: '4' };
    assert.deepEqual(missingRouting(facts([byHand], [routeByHand]), settings), []);
  });

  it('leaves marks that do not meet ours to others', () => {
    const wireguard = { value: 0xca6c, mask: 0xffffffff };
    const other: RoutingRule = { ...main, isSpecial: true, mark: wireguard, table: '51820' };
    assert.equal(missingRouting(facts([other]), settings).length, 2);
    const masked = { ...other, mark: { value: 0xffffffff, mask: 0xff } };
    assert.equal(missingRouting(facts([masked]), settings).length, 2);
  });

  it('refuses a mark and a table that somebody else uses', () => {
    const refused = (now: readonly RoutingFacts[], code: string): void => {
      assert.throws(() => missingRouting(now, settings), isCode(code));
    };
    const elsewhere = { ...theRule, table: '7' };
    refused(facts([elsewhere]), 'routing.mark-taken');
    refused(facts([{ ...theRule, isSpecial: true }]), 'routing.mark-taken');
    const whole = { ...theRule, mark: { value: bit | 1, mask: 0xffffffff } };
    refused(facts([whole]), 'routing.mark-taken');
    refused(facts([{ ...main, table: '50080' }]), 'routing.table-taken');
    refused(facts([], [{ ...theRoute, device: 'eth0' }]), 'routing.table-taken');
    refused(facts([], [{ ...theRoute, isLocal: false }]), 'routing.table-taken');
    refused(facts([], [{ ...theRoute, destination: '10.0.0.0/8' }]), 'routing.table-taken');
  });
});

describe('ownRouting()', () => {
  it('is what carries our number, and nothing else', () => {
    assert.deepEqual(
      ownRouting(facts([main, theRule], [theRoute]), settings).map(({ args }) => args),
      [ADD_RULE, ADD_ROUTE].map(([what = '', , ...rest]) => [what, 'del', ...rest]),
    );
    const byHand = { ...theRule, protocol: '4' };
    const another = { ...theRule, table: '7' };
    assert.deepEqual(ownRouting(facts([byHand, another]), settings), []);
    assert.deepEqual(ownRouting(facts([], [{ ...theRoute, protocol: undefined }]), settings), []);
  });
});

describe('ownSettings()', () => {
  it('reads from the rules themselves what Zorp made', () => {
    const byHand = { ...theRule, protocol: '4', table: '7' };
    const read = [...facts([main, theRule, byHand]), ...facts([theRule])];
    assert.deepEqual(ownSettings(read), [settings]);
  });
});

it('additions are taken back in reverse, also those that never came', async () => {
  const asked: string[] = [];
  const ip = new IpProgram(({ args }) => {
    asked.push(args.join(' '));
    return Promise.resolve({ kind: 'ended', status: 2, stdout: '', stderr: 'No such process' });
  });
  await undoRouting(ip, missingRouting(facts([]), settings));
  assert.deepEqual(
    asked.map((line) => line.split(' ').slice(0, 3).join(' ')),
    ['-4 rule del', '-4 route del'],
  );
});

it('two rulesets may need the same routing', () => {
  assert.equal(isSameRouting(settings, { ...settings }), true);
  assert.equal(isSameRouting(settings, { ...settings, mark: 1 }), false);
  assert.equal(isSameRouting(settings, { ...settings, routingTable: 1 }), false);
});

it('routing is read and changed through ip', async () => {
  const asked: string[] = [];
  const ip = new IpProgram(({ args }) => {
    asked.push(args.join(' '));
    return Promise.resolve({ kind: 'ended', status: 0, stdout: '[]', stderr: '' });
  });
  const read = await readRouting(ip, ['IPv4', 'IPv6'], 50080);
  assert.deepEqual(
    read.map(({ family, rules, routes }) => [family, rules, routes]),
    [
      ['IPv4', [], []],
      ['IPv6', [], []],
    ],
  );
  await changeRouting(ip, [{ family: 'IPv6', args: ['rule', 'add'] }]);
  assert.deepEqual(asked, [
    ...['-4 -j -N rule show', '-4 -j -N route show table 50080'],
    ...['-6 -j -N rule show', '-6 -j -N route show table 50080', '-6 rule add'],
  ]);
});
