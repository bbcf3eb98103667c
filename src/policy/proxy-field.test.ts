import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plugProxy } from '../protocols/plug/index.ts';
import { NO_PROXY, proxyFactory } from './proxy-field.ts';

describe('a field for a proxy', () => {
  it('takes proxies, and says how to write what is none', () => {
    const proxy = plugProxy();
    assert.equal(proxyFactory.parse(proxy), proxy);
    for (const other of [undefined, 'plug', {}, { name: 'plug' }])
      assert.match(proxyFactory.safeParse(other).error?.issues[0]?.message ?? '', /give a proxy/);
  });

  it('has one that does nothing, for what is faulty', () => {
    assert.equal(proxyFactory.parse(NO_PROXY), NO_PROXY);
    assert.deepEqual(
      NO_PROXY.create({ session: undefined as never }).handle({ type: 'started' }),
      [],
    );
    assert.equal(NO_PROXY.explain(), 'no proxy');
  });
});
