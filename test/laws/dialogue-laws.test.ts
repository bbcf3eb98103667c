// Each law notices the engine that breaks it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProxyAction, ProxyEngine, ProxyFactory } from '../../src/proxy/engine.ts';
import { guard } from '../../src/proxy/guard.ts';
import { client } from '../support/dialogue.ts';
import { toBytes } from '../support/latin1.ts';
import * as laws from './dialogue-laws.ts';

const DIALOGUE = [client('hello'), client('again')];

function proxyOf(create: () => ProxyEngine): ProxyFactory {
  return { name: 'broken', tellsRefusals: false, stacks: [], create, explain: () => 'is broken' };
}

function answering(answer: (text: string) => ProxyAction[]): ProxyFactory {
  return proxyOf(() => ({
    handle: (event) =>
      event.type === 'received' ? answer(Buffer.from(event.bytes).toString('latin1')) : [],
  }));
}

function say(text: string): ProxyAction {
  return { type: 'send', to: 'client', bytes: toBytes(text) };
}

describe('total()', () => {
  it('notices an engine that throws, and one that its guard saves', () => {
    const handle = (): never => {
      throw new TypeError('A bug');
    };
    const throwing = proxyOf(() => ({ handle }));
    assert.throws(() => laws.total(throwing, DIALOGUE, {}), /A bug/);
    const saved = proxyOf(() => guard({ handle, refuse: () => undefined }));
    assert.throws(() => laws.total(saved, DIALOGUE, {}), /error of its own/);
  });
});

describe('deterministic()', () => {
  it('notices a state that sessions share', () => {
    let count = 0;
    const proxy = answering(() => [say(String(count++))]);
    assert.throws(() => laws.deterministic(proxy, DIALOGUE, {}), /AssertionError|deep-equal/);
  });

  it('notices an engine that asks for the time, or for a number by chance', () => {
    const late = answering(() => (Date.now() > 0 ? [] : [say('!')]));
    const lucky = answering(() => (Math.random() < 2 ? [] : [say('!')]));
    for (const proxy of [late, lucky])
      assert.throws(() => laws.deterministic(proxy, DIALOGUE, {}), /neither clock nor chance/);
  });
});

describe('cutInvariant()', () => {
  it('notices an engine that looks at chunks', () => {
    const proxy = answering((text) => [say(`${text}\n`)]);
    assert.throws(() => laws.cutInvariant(proxy, DIALOGUE, {}), /deep-equal/);
    laws.cutInvariant(
      answering((text) => [say(text)]),
      DIALOGUE,
      {},
    );
  });
});

describe('passesNothing()', () => {
  it('notices a connect and a byte for the server', () => {
    const proxy = proxyOf(() => ({
      handle: ({ type }) => (type === 'started' ? [{ type: 'connect', port: 'server' }] : []),
    }));
    for (const law of [laws.passesNothing, laws.obeysRefusal])
      assert.throws(() => law(proxy, DIALOGUE, {}), /and yet: connect server/);
  });
});

describe('asksFirst()', () => {
  it('notices an engine that does not wait for the answer', () => {
    const make = (isAccepted: () => boolean) =>
      answering(() => {
        isAccepted();
        return [{ type: 'connect', port: 'server' }];
      });
    const law = laws.asksFirst(make, [false]);
    assert.throws(
      () =>
        law(
          make(() => false),
          DIALOGUE,
          {},
        ),
      /did not accept, and yet: connect/,
    );
  });
});

describe('final()', () => {
  it('notices actions after close, in the same answer and in a later one', () => {
    const close: ProxyAction = { type: 'close', verdict: 'accepted', reason: 'done' };
    const chatty = answering(() => [close, say('bye')]);
    assert.throws(() => laws.final(chatty, DIALOGUE, {}), /after close/);
    const restless = answering(() => [close]);
    assert.throws(() => laws.final(restless, DIALOGUE, {}), /deep-equal/);
  });
});
