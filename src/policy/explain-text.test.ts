import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at, idleProxy } from '../../test/support/policy-samples.ts';
import { detectorOf } from '../../test/support/rule-samples.ts';
import type { ConnectionFacts } from './decide.ts';
import { decide } from './decide.ts';
import { definePolicy } from './define-policy.ts';
import type { ExplainedDecision } from './explain.ts';
import { explainDecision } from './explain.ts';
import { explainText } from './explain-text.ts';
import { csZoneListener } from './listener.ts';
import { ruleListener } from './rule-listener.ts';
import { rule } from './rule.ts';
import { service } from './service.ts';
import { zone } from './zone.ts';

const web = service('web', { proxy: idleProxy() });
const inside = zone('inside', { subnets: ['10.0.0.0/8'], outboundServices: [web] });
const outside = zone('outside', { subnets: ['0.0.0.0/0'], inboundServices: [web] });
const doors = csZoneListener('192.0.2.1:80', {
  services: [
    { from: inside, to: outside, service: web },
    { from: outside, to: inside, service: web },
  ],
});
const policy = definePolicy({ zones: [inside, outside], listeners: [doors] });

function explain(client: string, connect?: ConnectionFacts['connect']): ExplainedDecision {
  const facts = { instance: 'zorp', listener: doors, connect };
  return explainDecision(
    decide(policy, { ...facts, client: at(client), local: at('192.0.2.80:80') }),
  );
}

/** A text without the folders of this file, whose lines move. */
function withoutPlaces(text: string): string {
  return text.replaceAll(/\/\S*\/(explain-text\.test\.ts):\d+/g, '$1');
}

describe('explainText()', () => {
  it('reads at a glance: the verdict, one aligned line a step, the verdict', () => {
    const text = withoutPlaces(explainText(explain('10.0.0.1:5', {}), { color: false }));
    const verdict =
      'PERMITTED: Clients in zone inside may use service web to reach 192.0.2.80:80 in zone outside';
    assert.equal(
      text,
      `${verdict}
  → listener           chosen   listener 192.0.2.1:80  it accepted the connection                                    explain-text.test.ts
  → client-zone        chosen   zone inside            its subnet is the most specific: 10.0.0.0/8                   explain-text.test.ts
  - client-zone        lost     zone outside           a more specific subnet wins: 0.0.0.0/0                        explain-text.test.ts
  → destination-zone   chosen   zone outside           its subnet is the most specific: 0.0.0.0/0                    explain-text.test.ts
  - line               skipped  service web            it is for other zones: outside to inside                      explain-text.test.ts
  → line               chosen   service web            it is for the nearest zone: inside to outside                 explain-text.test.ts
  → service            chosen   service web            the listener starts it                                        explain-text.test.ts
  ✓ outbound-services  passed   zone inside            its list permits the service                                  explain-text.test.ts
  → router             chosen   router transparent     the service has it: transparent: to the original destination  explain-text.test.ts
  → server             chosen   router transparent     the router names it: 192.0.2.80:80                            explain-text.test.ts
  → server-zone        chosen   zone outside           its subnet is the most specific: 0.0.0.0/0                    explain-text.test.ts
  ✓ inbound-services   passed   zone outside           its list permits the service                                  explain-text.test.ts
${verdict}`,
    );
  });

  it('marks where a connection is refused, also where there is nothing to name', () => {
    const lines = explainText(explain('192.0.2.9:5'), { color: false }).split('\n');
    const verdict = 'REFUSED listener.no-service: The listener has no service for these zones';
    assert.deepEqual([lines[0], lines.at(-1)], [verdict, verdict]);
    assert.match(lines.at(-2) ?? '', /^ {2}✗ service +refused +no line of the listener fits$/);
  });

  it('does not call refused what the first bytes will decide', () => {
    const detect = [{ detector: detectorOf('http'), service: web }];
    const ruled = ruleListener('192.0.2.1:80');
    const rules = [rule({ id: 7, detect })];
    const detecting = definePolicy({ zones: [inside, outside], listeners: [ruled], rules });
    const facts = { instance: 'zorp', listener: ruled };
    const decision = decide(detecting, {
      ...facts,
      client: at('10.0.0.1:5'),
      local: at('1.2.3.4:5'),
    });
    const [first, ...rest] = explainText(explainDecision(decision), { color: true }).split('\n');
    const verdict =
      'DETECTING: The first bytes tell which service rule 7 starts: nothing if no detector recognises them';
    assert.equal(first, `\u001b[1;33m${verdict}\u001b[0m`);
    assert.equal(rest.at(-1), first);
  });

  it('uses colours only when asked, and each ends on its line', () => {
    const explained = explain('10.0.0.1:5', {});
    assert.ok(!explainText(explained, { color: false }).includes('\u001b'));
    for (const line of explainText(explained, { color: true }).split('\n'))
      assert.match(line, /^\u001b\[[0-9;]+m[^\u001b]+\u001b\[0m$/);
  });

  it('lets nothing in it command the terminal', () => {
    const nasty = '\u001b]0;owned\u0007\n\u202e';
    const explained = explain('10.0.0.1:5');
    const steps = explained.steps.map((step) => ({ ...step, name: nasty, source: nasty }));
    const text = explainText({ ...explained, message: nasty, steps }, { color: false });
    assert.equal(text.split('\n').length, steps.length + 2);
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  });
});

describe('explainText() of rules', () => {
  const rules = [
    rule({ name: 'all', service: web }),
    ...Array.from({ length: 24 }, () => rule({ from: inside, ports: 80, service: web })),
    rule({ name: 'a "quoted" one', sourceSubnets: '10.0.0.1', ports: '1-99', service: web }),
  ];
  const door = ruleListener('192.0.2.1:80', { name: 'door' });
  const byRules = definePolicy({ zones: [inside, outside], rules, listeners: [door] });
  const client = at('10.0.0.1:5');
  const facts = { instance: 'zorp', listener: door, client, local: at('192.0.2.80:80') };
  const explained = explainDecision(decide(byRules, facts));
  const lines = explainText(explained, { color: false }).split('\n');

  it('has a line with the score and a line in words, after one that says how to read scores', () => {
    const start = lines.findIndex((line) => line.startsWith('    scores: (interface, '));
    const [, best = '', bestWords, second = '', secondWords] = lines.slice(start);
    assert.match(
      best,
      /→ rule +chosen +rule 2 +it is the most .*: \(0, 0, 0, 0, 0, 2, 0\/1, 0\/0\/0\) /,
    );
    assert.equal(bestWords, '      from inside, to port 80: starts web');
    assert.match(second, /- rule +lost +rule 3 +another that is as specific has a lower id: \(/);
    assert.equal(secondWords, bestWords);
    assert.equal(lines.filter((line) => line.includes('scores: ')).length, 1);
  });

  it('shows the best twenty; the data have all', () => {
    assert.equal(lines.filter((line) => /^ {2}[→-] rule /.test(line)).length, 20);
    assert.equal(lines.filter((line) => line === '    ... and 6 more').length, 1);
    const all = explained.steps.flatMap((step) => (step.rule === null ? [] : [step.rule]));
    assert.equal(all.length, 26);
    const [first] = all;
    assert.deepEqual([first?.id, first?.name, first?.score.port], [2, null, 2]);
    assert.deepEqual(
      all.slice(-2).map(({ id, name }) => [id, name]),
      [
        [26, 'a "quoted" one'],
        [1, 'all'],
      ],
    );
  });

  it('names a rule by its id and name', () => {
    const few = definePolicy({ zones: [], rules: rules.slice(-1), listeners: [door] });
    const text = explainText(explainDecision(decide(few, facts)), { color: false });
    assert.match(
      text,
      /chosen +rule 1 "a \\"quoted\\" one" +it is the most specific that matches: \(/,
    );
    assert.match(text, /\n {6}from 10\.0\.0\.1\/32, to port 1-99: starts web\n/);
    assert.doesNotMatch(text, /more$/m);
  });
});
