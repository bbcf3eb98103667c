// What a child is told of a body before it comes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CHILD } from '../../../../test/support/child-dialogue.ts';
import { httpPlan } from '../../../../test/support/http-heads.ts';
import { toBytes, toText } from '../../../../test/support/latin1.ts';
import type { ProxyAction } from '../../../proxy/engine.ts';
import { stacked } from '../../../../test/support/playbook-events.ts';
import type { Framing } from '../bodies/framing.ts';
import { childBody } from './child-body.ts';
import type { ChosenStack } from './stack-plan.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nA: b\r\n';
const plan = httpPlan({ responseStack: { '*': { data: CHILD } }, maxDecodedRatio: 7 });
const announcer = { announce: unasked, finished: unasked, failed: unasked };

function unasked(): never {
  return assert.fail('nothing was to be announced');
}

/** The actions until the child runs. */
function begun(chosen: Partial<ChosenStack>, framing: Framing): readonly ProxyAction[] {
  const stack: ChosenStack = { form: 'data', child: CHILD, decode: undefined, ...chosen };
  const lookedAt = { source: 'server', stack, head: toBytes(HEAD), framing } as const;
  const out: ProxyAction[] = [];
  const body = childBody(plan, lookedAt, announcer);
  body.begin(out);
  body.handle(stacked(), out);
  return out;
}

/** What the child is told of the body. */
function told(chosen: Partial<ChosenStack>, framing: Framing): unknown {
  const found = begun(chosen, framing).find((action) => action.type === 'stack');
  return found && { hint: found.hint, decode: found.decode };
}

describe('childBody()', () => {
  it('tells the length, where it is known', () => {
    const framing: Framing = { kind: 'length', length: 5 };
    const hint = { format: 'file', length: 5 };
    assert.deepEqual(told({}, framing), { hint, decode: undefined });
    assert.deepEqual(told({}, { kind: 'chunked' }), {
      hint: { format: 'file' },
      decode: undefined,
    });
  });

  it('gives the header in MIME form, and counts it', () => {
    const framing: Framing = { kind: 'length', length: 5 };
    assert.deepEqual(told({ form: 'mime' }, framing), {
      hint: { format: 'file', length: 13 },
      decode: undefined,
    });
    const sent = begun({ form: 'mime' }, framing).flatMap((action) =>
      action.type === 'send' ? [`${action.to} ${toText(action.bytes)}`] : [],
    );
    assert.deepEqual(sent, ['stack-client A: b\r\n\r\n']);
  });

  it('has what is behind the header decoded, whose length nobody knows', () => {
    const { hint, decode } = { hint: { format: 'file' }, decode: { coding: 'gzip', maxRatio: 7 } };
    const found = told({ form: 'mime', decode: 'gzip' }, { kind: 'length', length: 5 });
    assert.partialDeepStrictEqual(found, { hint, decode: { ...decode, plainBytes: 8 } });
    assert.equal('length' in Object(Reflect.get(Object(found), 'hint')), false);
  });
});
