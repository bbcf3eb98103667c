// A proxy that cannot be made is a proxy that says so and closes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import type { ProxyContext } from '../proxy/engine.ts';
import { makeEngine } from './make-engine.ts';

describe('makeEngine()', () => {
  it('hands the session and the clock over, and a refusal if there is one', () => {
    const contexts: ProxyContext[] = [];
    const proxy = proxyOf((_event, context) => {
      contexts.push(context);
      return [];
    });
    const web = serviceOf('web', { proxy });
    const session = new SessionWorld(revisionOf(web)).session();
    const refusal = { reason: 'no', verdict: 'denied-by-policy', message: 'No' } as const;
    const clock = { now: () => 5 };
    makeEngine(web, session, { clock }).handle({ type: 'started' });
    makeEngine(web, session, { clock, refusal }).handle({ type: 'started' });
    assert.deepEqual(
      contexts.map((context) => context.refusal),
      [undefined, refusal],
    );
    assert.ok(
      contexts.every((context) => context.session === session.forPolicy && context.clock === clock),
    );
  });

  it('closes the session of a proxy that throws', () => {
    for (const error of [new Error('no'), new TypeError('never')]) {
      const proxy = {
        ...proxyOf(() => []),
        create: () => {
          throw error;
        },
      };
      const web = serviceOf('web', { proxy });
      const engine = makeEngine(web, new SessionWorld(revisionOf(web)).session(), {});
      assert.deepEqual(
        engine.handle({ type: 'started' }).map(({ type }) => type),
        ['log', 'close'],
      );
    }
  });
});
