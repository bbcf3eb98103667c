import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { service } from '../../../policy/service.ts';
import { accept, drop, reject } from '../../../proxy/policy-action.ts';
import { webSocketProxy } from '../../websocket/index.ts';
import {
  explainUpgrade,
  isUpgradeAnswer,
  stacksOfUpgrade,
  upgradeSchema,
} from './upgrade-option.ts';

const chat = service('chat', { proxy: webSocketProxy() });

function faults(given: unknown): readonly string[] {
  const { error } = upgradeSchema.safeParse(given);
  return (error?.issues ?? []).map((issue) => {
    const [inner] = issue.code === 'invalid_key' ? issue.issues : [];
    return `${issue.path.join('.')}: ${inner?.message ?? issue.message}`;
  });
}

describe('upgradeSchema', () => {
  it('takes actions, services and functions by protocol', () => {
    const rules = { websocket: chat, irc: accept(), foo: () => drop() };
    assert.deepEqual(faults(rules), []);
  });

  it('refuses HTTP in another dress, and what it does not know', () => {
    for (const name of ['h2c', 'HTTP', 'h2'])
      assert.match(faults({ [name]: accept() })[0] ?? '', /requests of HTTP\/2 would pass unseen/);
    for (const name of ['web socket', '*'])
      assert.match(faults({ [name]: accept() })[0] ?? '', /write the name of a protocol/);
    assert.match(faults({ websocket: true })[0] ?? '', /^websocket: give accept\(\), drop\(\)/);
    assert.match(faults({ websocket: chat, WebSocket: chat })[0] ?? '', /name each protocol once/);
    assert.match(faults([])[0] ?? '', /give a table by protocol/);
  });
});

describe('the rules of upgrade', () => {
  it('know what they stack, and explain themselves', () => {
    const rules = { websocket: chat, irc: accept(), foo: () => drop() };
    assert.deepEqual(stacksOfUpgrade(rules), [chat]);
    assert.deepEqual(stacksOfUpgrade(undefined), []);
    assert.equal(
      explainUpgrade(rules),
      '; upgrade of websocket to chat, irc accept, foo by a function',
    );
    assert.equal(explainUpgrade(undefined), '');
  });

  it('know their answers', () => {
    for (const answer of [chat, accept(), drop(), reject()]) assert.ok(isUpgradeAnswer(answer));
    for (const answer of [undefined, 'chat', { action: 'insert' }])
      assert.ok(!isUpgradeAnswer(answer));
  });
});
