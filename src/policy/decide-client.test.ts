// The choices by listeners and by rules are tested beside them; here, that each listener asks the right one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at, idleProxy } from '../../test/support/policy-samples.ts';
import { inbandAuthentication } from './authentication.ts';
import { functionProvider } from './authentication-provider.ts';
import { permitUser } from './authorization.ts';
import { checkService, chooseAnyService } from './decide-client.ts';
import { definePolicy } from './define-policy.ts';
import { csZoneListener, listener } from './listener.ts';
import { ruleListener } from './rule-listener.ts';
import { httpDetector } from '../protocols/http/index.ts';
import type { Rule } from './rule.ts';
import { rule } from './rule.ts';
import type { Service } from './service.ts';
import { denyService, service } from './service.ts';
import type { TraceStep } from './trace.ts';
import { zone } from './zone.ts';

const web = service('web', { proxy: idleProxy() });
const inside = zone('inside', { subnets: ['10.0.0.0/8'] });
const plain = listener('192.0.2.1:1', web);
const pair = csZoneListener('192.0.2.1:2', { services: [{ from: inside, to: '*', service: web }] });
const ruled = ruleListener('192.0.2.1:3');
const policy = definePolicy({
  zones: [inside],
  rules: [rule({ from: inside, ports: 3, service: web })],
  listeners: [plain, pair, ruled],
});

describe('the service of a connection', () => {
  it('is named by its listener, or by the rules, with the zones that they ask for', () => {
    const asked = [plain, pair, ruled].map((listened) => {
      const trace: TraceStep[] = [];
      const [local] = listened.binds;
      assert.ok(local !== undefined);
      const facts = { instance: 'zorp', listener: listened, client: at('10.0.0.1:1'), local };
      const choice = chooseAnyService(policy, facts, trace);
      const checks = trace.map(({ check, outcome }) => `${check} ${outcome}`);
      return [choice.service?.name, choice.rule?.id, checks];
    });
    assert.deepEqual(asked, [
      ['web', undefined, ['client-zone chosen']],
      ['web', undefined, ['client-zone chosen', 'destination-zone skipped', 'line chosen']],
      ['web', 1, ['client-zone chosen', 'destination-zone skipped', 'rule chosen']],
    ]);
  });

  it('that was detected counts only for a rule that has it', () => {
    const [quick, rest] = ['quick', 'rest'].map((name) => service(name, { proxy: idleProxy() }));
    assert.ok(quick !== undefined && rest !== undefined);
    const detect = [{ detector: httpDetector(), service: quick }];
    const chosen = (detected: Service, rules: readonly Rule[]): unknown => {
      const made = definePolicy({ zones: [inside], rules, listeners: [ruled] });
      const facts = { instance: 'zorp', listener: ruled, client: at('10.0.0.1:1'), detected };
      return chooseAnyService(made, { ...facts, local: at('192.0.2.1:3') }, []).service?.name;
    };
    assert.equal(chosen(quick, [rule({ detect, service: rest })]), 'quick');
    assert.equal(chosen(web, [rule({ detect, service: rest })]), 'rest');
    assert.equal(chosen(web, [rule({ detect })]), undefined);
    assert.equal(chosen(web, [rule({ service: rest })]), 'rest');
  });

  it('may want to know who its client is, which its proxy asks later', () => {
    const proxy = idleProxy({ authentication: 'possible' });
    const authentication = inbandAuthentication({ provider: functionProvider(() => undefined) });
    const steps = [
      service('plain', { proxy }),
      service('asking', { proxy, authentication }),
      service('choosy', { proxy, authentication, authorization: permitUser('alice') }),
    ].map((asked) => {
      const trace: TraceStep[] = [];
      const made = definePolicy({
        zones: [zone('all', { subnets: ['0.0.0.0/0'], outboundServices: [asked] })],
        listeners: [listener('192.0.2.1:1', asked)],
      });
      const [door] = [...made.instances.values()].flat();
      assert.ok(door !== undefined);
      const facts = { instance: 'zorp', listener: door, client: at('10.0.0.1:1') };
      const choice = chooseAnyService(made, { ...facts, local: at('192.0.2.1:1') }, []);
      assert.equal(checkService(made, choice, trace), undefined);
      return trace.filter(({ check }) => check === 'users').map(({ because }) => because);
    });
    assert.deepEqual(
      steps.map((because) => because.length),
      [0, 1, 1],
    );
    assert.match(String(steps[1]), /asks the client who it is/);
    assert.match(String(steps[2]), /whether that user may/);
  });

  it('may be none, or one that refuses by name', () => {
    const facts = {
      instance: 'zorp',
      listener: ruled,
      client: at('192.0.2.9:1'),
      local: at('192.0.2.1:3'),
    };
    const none = chooseAnyService(policy, facts, []);
    assert.equal(checkService(policy, none, [])?.reason, 'rule.none');
    const no = { ...none, service: denyService('no') };
    assert.equal(checkService(policy, no, [])?.reason, 'service.denied');
  });
});
