import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { definePolicy } from './define-policy.ts';
import { listener } from './listener.ts';
import { service } from './service.ts';
import { summarizePolicy, summaryText } from './summary.ts';
import { zone } from './zone.ts';

const web = service('web', { proxy: idleProxy() });
const inside = zone('inside', { subnets: ['10.0.0.0/8', 'fd00::/8'], outboundServices: [web] });
const outside = zone('outside', { subnets: ['0.0.0.0/0'], inboundServices: ['*'] });
const door = listener('127.0.0.1:80', web, { name: 'door' });

describe('summarizePolicy()', () => {
  it('counts and names everything, as plain data', () => {
    const policy = definePolicy({ zones: [inside, outside], listeners: [door] });
    const summary = summarizePolicy(policy);
    assert.deepEqual(summary.counts, {
      zones: 2,
      subnets: 3,
      hostnames: 0,
      instances: 1,
      listeners: 1,
      services: 1,
    });
    const [line] = summary.listeners;
    assert.match(line?.source ?? '', /^\/.*summary\.test\.ts:\d+$/);
    assert.deepEqual(
      { ...line, source: '' },
      {
        instance: 'zorp',
        name: 'door',
        source: '',
        explain: 'listens on 127.0.0.1:80; starts web',
      },
    );
    assert.deepEqual(JSON.parse(JSON.stringify(summary)), summary);
  });
});

describe('summaryText()', () => {
  it('is aligned, each line with its place', () => {
    const policy = definePolicy({ zones: [inside, outside], listeners: [door] });
    const text = summaryText(summarizePolicy(policy)).replaceAll(/\/\S*\/(\S+):\d+/g, '$1');
    assert.equal(
      text,
      `2 zones, 3 subnets
  inside   10.0.0.0/8, fd00::/8; out: web; in: no list  summary.test.ts
  outside  0.0.0.0/0; out: no list; in: all             summary.test.ts
1 listener in 1 instance
  door  listens on 127.0.0.1:80; starts web  summary.test.ts
1 service
  web  does nothing; transparent: to the original destination  summary.test.ts`,
    );
  });

  it('counts host names', () => {
    const www = zone('www', { hostnames: ['www.example.org'] });
    const policy = definePolicy({ zones: [www], listeners: [door] });
    const text = summaryText(summarizePolicy(policy));
    assert.match(text, /^1 zone, 0 subnets, 1 host name\n {2}www {2}www\.example\.org; out/);
  });

  it('stays on one screen however large the policy is', () => {
    const many = Array.from({ length: 100 }, (_, index) => zone(`z${index}`, { subnets: [] }));
    const policy = definePolicy({ zones: many, listeners: [door] });
    const lines = summaryText(summarizePolicy(policy)).split('\n');
    assert.ok(lines.length < 24, String(lines.length));
    assert.ok(lines.includes('  ... and 88 more'));
  });
});
