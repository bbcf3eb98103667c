import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { certificateDetector } from '../protocols/tls/index.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import { inbandRouter } from './router.ts';
import { rule } from './rule.ts';
import { denyService, service } from './service.ts';
import { visitingService } from './visiting-service.ts';

const passed = service('passed', { proxy: idleProxy() });
const other = service('other', { proxy: idleProxy() });
const gateway = service('gateway', { proxy: idleProxy(), router: inbandRouter() });
const no = denyService('no');
const detector = certificateDetector({ hostName: () => true });

describe('the service as whose session a server is visited', () => {
  it('is that of the line, or the first of the rule that goes to a server by its router', () => {
    const lines = [{ service: no }, { service: gateway }, { service: passed }];
    const asked = { detect: lines, service: other };
    assert.equal(visitingService(asked, { service: other }), other);
    assert.equal(visitingService(asked, { service: no }), passed);
    assert.equal(
      visitingService({ detect: [{ service: no }], service: other }, { service: no }),
      other,
    );
    assert.equal(visitingService({ detect: [{ service: gateway }] }, { service: no }), undefined);
  });

  it('is looked for when a rule is made', () => {
    const line = (
      one: typeof passed | typeof no,
    ): { detector: typeof detector; service: typeof one } => ({
      detector,
      service: one,
    });
    const faults = (made: ReturnType<typeof rule>): readonly string[] =>
      faultsOf(made).map(({ path, cure }) => `${path} ${cure}`);
    assert.deepEqual(faults(rule({ detect: [line(passed)] })), []);
    assert.deepEqual(faults(rule({ detect: [line(no)], service: other })), []);
    const bad = [
      rule({ detect: [line(no)], service: no }),
      rule({ detect: [line(gateway)], service: other }),
    ];
    for (const one of bad)
      assert.match(
        faults(one).join(),
        /^detect\[0\]\.service give a service whose router knows its server/,
      );
  });
});
