import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onlyFault, textAt, wrong } from '../../test/support/policy-samples.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import { sourceOf } from '../proxy/source-location.ts';
import { bindHidden, ruleListener } from './rule-listener.ts';

describe('ruleListener() with a bind', () => {
  it('asks the rules, at addresses of this machine', () => {
    const made = ruleListener(['127.0.0.1:80', '[::1]:80'], { interface: { name: 'eth0' } });
    assert.deepEqual([made.type, made.name, made.isHidden], ['rule', '127.0.0.1:80', false]);
    assert.deepEqual([made.incoming?.name, made.incoming?.group], ['eth0', 0]);
    assert.deepEqual(made.incoming?.addresses.map(String), ['127.0.0.1', '::1']);
    assert.equal(ruleListener('127.0.0.1:80', { transparent: true }).transparent, true);
  });

  it('remembers what is wrong', () => {
    const cases: [bind: unknown, options: object, path: string][] = [
      ['127.0.0.1', {}, 'bind'],
      [7, {}, 'bind'],
      [[], {}, 'bind'],
      ['127.0.0.1:80', { interface: 'eth0' }, 'interface'],
      ['127.0.0.1:80', { redirectPorts: 80 }, 'redirectPorts'],
    ];
    for (const [bind, options, path] of cases)
      assert.equal(onlyFault(ruleListener(wrong(bind), options), 'ruleListener(').path, path);
  });
});

describe('ruleListener() without a bind', () => {
  it('is the hidden transparent listener of the rules', () => {
    const made = ruleListener();
    assert.deepEqual([made.type, made.name, made.protocol], ['rule', 'rules', 'tcp']);
    assert.deepEqual([made.transparent, made.isHidden, made.divertedBy], [true, true, 'tproxy']);
    assert.deepEqual([made.binds.length, made.backlog], [0, 255]);
    const named = ruleListener({ name: 'all', backlog: 9 });
    assert.deepEqual([named.name, named.backlog, named.isHidden], ['all', 9, true]);
    assert.deepEqual(named.datagrams, { maxSessions: 4096, receiveBufferBytes: 65_536 });
    assert.equal(ruleListener({ maxSessions: 7 }).datagrams.maxSessions, 7);
    assert.deepEqual([...faultsOf(made), ...faultsOf(named)], []);
  });

  it('has no other options', () => {
    const made = ruleListener(wrong({ redirectPorts: 80 }));
    assert.match(
      onlyFault(made, 'ruleListener(').cure,
      /^give a bind before it: ruleListener\('192\.0\.2\.1:80', \{ redirectPorts: /,
    );
    assert.equal(onlyFault(ruleListener({ name: 'a b' }), 'ruleListener(').path, 'name');
  });

  it('gets its port from the policy, and keeps its place and its faults', () => {
    const made = ruleListener({ name: 'a b' });
    const bound = bindHidden(made, 4000);
    assert.deepEqual(bound.binds.map(String), ['127.0.0.1:4000', '[::1]:4000']);
    assert.deepEqual(faultsOf(bound), faultsOf(made));
    assert.match(textAt(sourceOf(bound)), /ruleListener\(\{ name: 'a b' \}\)/);
    assert.ok(Object.isFrozen(bound) && Object.isFrozen(bound.binds));
  });
});
