import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CHILD } from '../../../../test/support/child-dialogue.ts';
import {
  contentHint,
  elapsed,
  ended,
  received,
  stacked,
  stackVerdict,
} from '../../../../test/support/playbook-events.ts';
import { toBytes, toText } from '../../../../test/support/latin1.ts';
import type { ProxyAction } from '../../../proxy/engine.ts';
import { OutputBody } from './output-body.ts';
import { StackedBody } from './stacked-body.ts';

/** A body, and what its announcer is told. */
function scene(header?: string) {
  const told: string[] = [];
  const out: ProxyAction[] = [];
  const body: StackedBody = new StackedBody(
    {
      ...{ child: CHILD, source: 'server', maxHeaderBytes: 100, decode: undefined, length: 5 },
      header: header === undefined ? undefined : toBytes(header),
      idleTimeoutMs: 9,
    },
    {
      announce: (length, actions) => {
        told.push(`announce ${length ?? '?'}`);
        const framing =
          length === undefined
            ? ({ kind: 'chunked' } as const)
            : ({ kind: 'length', length } as const);
        body.resume(new OutputBody('client', framing), actions);
      },
      finished: () => {
        told.push('finished');
      },
      failed: ({ reason }) => {
        told.push(reason);
      },
    },
  );
  const sent = (): string =>
    out
      .splice(0)
      .flatMap((one) => (one.type === 'send' ? [`${one.to} ${toText(one.bytes)}`] : []))
      .join(' ');
  return { body, out, told, sent };
}

describe('a body that a child looks at', () => {
  it('tells the child how long it is, with its header', () => {
    const { body, out } = scene('A: b\r\n\r\n');
    body.begin(out);
    const stack = out.find((one) => one.type === 'stack');
    assert.deepEqual(stack?.hint, { format: 'file', length: 13 });
  });

  it('goes out once it is announced', () => {
    const { body, out, told, sent } = scene();
    body.begin(out);
    body.take(toBytes('hello'), out);
    body.complete(out);
    for (const event of [stacked(), received('stack-server', 'HELLO')]) body.handle(event, out);
    assert.equal(sent(), 'stack-client hello client 5\r\n client HELLO client \r\n');
    for (const event of [ended('stack-server'), stackVerdict('accepted', 'done')])
      body.handle(event, out);
    assert.deepEqual(told, ['announce ?', 'finished']);
    assert.equal(body.sentBytes, 5);
    assert.equal(body.isOver, true);
  });

  it('is given up when the child gives more than it promised', () => {
    const { body, out, told } = scene();
    body.begin(out);
    for (const event of [stacked(), contentHint(2), received('stack-server', 'abc')])
      body.handle(event, out);
    assert.deepEqual(told, ['announce 2', 'content.wrong-length']);
    assert.equal(body.isOver, true);
  });

  it('takes no events but those of the child', () => {
    const { body, out } = scene();
    body.begin(out);
    for (const event of [received('client', 'x'), ended('server'), elapsed('http')])
      assert.equal(body.handle(event, out), false);
    assert.equal(body.handle(elapsed('transfer.idle'), out), true);
  });
});
