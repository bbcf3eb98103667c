import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hashNat, staticNat } from '../policy/nat-addresses.ts';
import { generalNat, oneToOneNat } from '../policy/nat-subnets.ts';
import type { PfServiceOptions } from '../policy/pf-service.ts';
import { pfService } from '../policy/pf-service.ts';
import { directedRouter, transparentRouter } from '../policy/router.ts';
import { natLines } from './nat-lines.ts';

/** Lines as text: `from > to: what becomes of it`. */
function lines(
  options: PfServiceOptions,
  direction: 'snat' | 'dnat',
  family: 'ipv4' | 'ipv6' = 'ipv4',
): readonly string[] {
  return natLines(pfService('forward', options), direction, family).map(({ from, to, result }) => {
    const into = result.outcome === 'translated' ? ` ${String(result.into)}` : '';
    const port = 'port' in result && result.port !== undefined ? ` port ${result.port}` : '';
    return `${String(from ?? '*')} > ${String(to ?? '*')}: ${result.outcome}${into}${port}`;
  });
}

describe('natLines()', () => {
  it('has only what the router says where there is no NAT', () => {
    assert.deepEqual(lines({}, 'snat'), ['* > *: interface']);
    assert.deepEqual(lines({}, 'dnat'), ['* > *: kept']);
    const forged = transparentRouter({ forgeAddress: true, forcedPort: 81 });
    assert.deepEqual(lines({ router: forged }, 'snat'), ['* > *: kept']);
    assert.deepEqual(lines({ router: forged }, 'dnat'), ['* > *: kept port 81']);
  });

  it('goes to the server of the router, in its family', () => {
    const router = directedRouter({ destination: '10.9.0.1:80' });
    assert.deepEqual(lines({ router }, 'dnat'), ['* > *: translated 10.9.0.1/32 port 80']);
    assert.deepEqual(lines({ router }, 'dnat', 'ipv6'), ['* > *: refused']);
    const dnat = generalNat({ mapping: { to: '10.9.0.0/24', translated: '10.8.0.0/16' } });
    assert.deepEqual(lines({ router, dnat }, 'dnat'), ['* > *: translated 10.8.0.1/32 port 80']);
    const other = generalNat({ mapping: { to: '10.7.0.0/24', translated: '10.8.0.0/16' } });
    assert.deepEqual(lines({ router, dnat: other }, 'dnat'), [
      '* > *: translated 10.9.0.1/32 port 80',
    ]);
  });

  it('has the lines of a general NAT for its family, in their order', () => {
    const nat = generalNat({
      mapping: [
        { from: '10.0.0.0/24', to: '11.0.0.0/8', translated: '192.168.0.0/16' },
        { from: '2001:db8::/32', translated: '2001:db8:1::/48' },
        { from: '10.0.0.0/8', translated: '192.0.2.0/24' },
      ],
    });
    assert.deepEqual(lines({ snat: nat }, 'snat'), [
      '10.0.0.0/24 > 11.0.0.0/8: translated 192.168.0.0/24',
      '10.0.0.0/8 > *: translated 192.0.2.0/24',
      '* > *: interface',
    ]);
    assert.deepEqual(lines({ snat: nat }, 'snat', 'ipv6'), [
      '2001:db8::/32 > *: translated 2001:db8:1::/48',
      '* > *: interface',
    ]);
  });

  it('refuses what would change the family, and what a NAT refuses', () => {
    const nat = staticNat({ address: '192.0.2.1:99' });
    assert.deepEqual(lines({ snat: nat }, 'snat'), ['* > *: translated 192.0.2.1/32 port 99']);
    assert.deepEqual(lines({ snat: nat }, 'snat', 'ipv6'), ['* > *: refused']);
    const closed = oneToOneNat({ mapping: { from: '10.0.0.0/24', to: '192.0.2.0/24' } });
    const end = '* > *: refused';
    assert.deepEqual(lines({ snat: closed }, 'snat'), [
      '10.0.0.0/24 > *: translated 192.0.2.0/24',
      end,
    ]);
    const open = hashNat({ mapping: { '10.0.0.1': '192.0.2.1' }, defaultReject: false });
    assert.deepEqual(lines({ dnat: open }, 'dnat'), [
      '* > 10.0.0.1/32: translated 192.0.2.1/32',
      '* > *: kept',
    ]);
  });

  it('keeps the port that the client asked for where a NAT names none', () => {
    const router = transparentRouter({ forcedPort: 81 });
    const dnat = staticNat({ address: '192.0.2.1:0' });
    assert.deepEqual(lines({ router, dnat }, 'dnat'), ['* > *: translated 192.0.2.1/32']);
  });
});
