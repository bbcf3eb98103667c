import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explainAsData, explainAsText } from '../../test/support/explained-rules.ts';

describe('describeQuestion()', () => {
  it('tells everything that rules may ask for, as data and in words', async () => {
    const { question } = await explainAsData({
      interface: 'eth0',
      interfaceGroup: '7',
      requestId: '5',
    });
    const addresses = ['192.0.2.1'];
    assert.deepEqual(
      [question['protocol'], question['interface'], question['requestId']],
      ['tcp', { name: 'eth0', group: 7, addresses }, 5],
    );
    const ping = await explainAsData({ to: '192.0.2.7', protocol: 'icmp', icmpType: '8' });
    const { protocol, icmp, client, address } = ping.question;
    assert.deepEqual(
      [protocol, icmp, client, address],
      ['icmp', { type: 8, code: 0 }, '10.1.0.1', '192.0.2.7'],
    );
    const words = await explainAsText({ to: '192.0.2.7', protocol: 'icmp', icmpType: '8' });
    assert.match(
      words,
      /^A packet of protocol icmp from 10\.1\.0\.1 to 192\.0\.2\.7, as the rules that listener side asks judge it\nknown of it: ICMP type 8, code 0; interface eth9 of group 7 with 192\.0\.2\.1\nREFUSED/,
    );
    const tunnel = await explainAsText({ interface: 'eth0', requestId: '5' });
    const known = '\nknown of it: interface eth0 of group 0 with 192.0.2.1; IPsec request 5\n';
    assert.ok(tunnel.includes(known), tunnel);
  });
});
