import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wrong } from '../../../test/support/policy-samples.ts';
import { TUNNEL } from '../../../test/support/socks-dialogue.ts';
import { reject } from '../../proxy/policy-action.ts';
import { readSettings } from './settings.ts';

describe('the settings of socksProxy()', () => {
  it('are those of CONNECT in httpProxy()', () => {
    const { settings, faults } = readSettings({ connect: TUNNEL });
    assert.deepEqual(faults, []);
    assert.deepEqual([settings.mode, settings.connect], ['explicit', TUNNEL]);
    assert.equal(String(settings.targetPorts), '80,443');
    assert.deepEqual(Object.keys(settings.request), ['CONNECT']);
    assert.deepEqual([settings.timeoutRequestMs, settings.logRequests], [10_000, true]);
    const rule = reject('No');
    const options = {
      connect: TUNNEL,
      targetPorts: 22,
      request: rule,
      timeoutRequestMs: 1,
      logRequests: false,
    };
    const given = readSettings(options).settings;
    assert.deepEqual(
      [given.request['CONNECT'], given.timeoutRequestMs, given.logRequests],
      [rule, 1, false],
    );
  });

  const faults: [options: object, path: string, cure: RegExp][] = [
    [{}, 'connect', /which service or program/],
    [{ connect: 'tunnel' }, 'connect', /service made by service\(\)/],
    [{ connect: TUNNEL, targetPorts: 'all' }, 'targetPorts', /give ports/],
    [{ connect: TUNNEL, request: 'accept' }, 'request', /accept\(\), reject\(\)/],
    [{ connect: TUNNEL, timeoutRequestMs: 0 }, 'timeoutRequestMs', /whole number/],
    [{ connect: TUNNEL, urlFilter: {} }, 'urlFilter', /at least one/],
    [{ connect: TUNNEL, socks: true }, 'socks', /an option of httpProxy\(\)/],
  ];
  for (const [options, path, cure] of faults)
    it(`have a fault: ${path}`, () => {
      const found = readSettings(wrong(options)).faults;
      assert.equal(found.length, 1, JSON.stringify(found));
      assert.equal(found[0]?.path, path);
      assert.match(found[0].cure, cure);
    });
});
