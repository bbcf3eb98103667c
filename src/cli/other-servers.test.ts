import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explainAsData, explainAsText } from '../../test/support/explained-rules.ts';

describe('otherServers()', () => {
  it('tells what becomes of those that the chainer may go to', async () => {
    const { decision, otherServers } = await explainAsData({ to: '192.0.2.7:81' });
    assert.equal(decision['server'], '192.0.2.80:80');
    assert.deepEqual(otherServers, [
      ...[
        {
          server: '192.0.2.81:80',
          serverZone: 'servers',
          outcome: 'permitted',
          reason: 'permitted',
        },
      ],
      ...[
        {
          server: '10.0.0.5:80',
          serverZone: 'inside',
          outcome: 'refused',
          reason: 'access.inbound',
        },
      ],
    ]);
    assert.match(
      await explainAsText({ to: '192.0.2.7:81' }),
      /\nThe chainer may also go to\n {2}192\.0\.2\.81:80: permitted\n {2}10\.0\.0\.5:80: refused access\.inbound\n$/,
    );
  });

  it('takes the addresses of a name for such, too', async () => {
    const { otherServers } = await explainAsData({
      to: 'www.example:80',
      listener: 'door',
      detected: 'web',
    });
    const servers = otherServers.map((one) => (one as { server: unknown }).server);
    assert.deepEqual(servers, ['192.0.2.8:80', '10.0.0.7:80']);
  });

  it('has none where the chainer goes to the first only, or nothing is decided', async () => {
    assert.deepEqual((await explainAsData({ to: '192.0.2.7:1' })).otherServers, []);
    assert.deepEqual((await explainAsData({ to: '192.0.2.7:82' })).otherServers, []);
  });

  it('says that NAT goes by chance, only where it does', async () => {
    const asked = { to: '192.0.2.7:83' };
    assert.equal((await explainAsData(asked)).isNatDrawn, true);
    assert.match(
      await explainAsText(asked),
      /\nNAT draws its addresses by chance: these are an example\n$/,
    );
    assert.equal((await explainAsData({ to: '192.0.2.7:1' })).isNatDrawn, false);
  });
});
