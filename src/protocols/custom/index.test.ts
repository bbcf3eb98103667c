import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testContext } from '../../../test/support/test-session.ts';
import { program } from '../../policy/program.ts';
import { service } from '../../policy/service.ts';
import { accept } from '../../proxy/policy-action.ts';
import { faultsOf } from '../../proxy/policy-fault.ts';
import { sourceOf } from '../../proxy/source-location.ts';
import type { Script } from './index.ts';
import { customProxy } from './index.ts';

const script: Script = function* ({ client }) {
  yield* client.read();
  return accept();
};

describe('customProxy()', () => {
  it('is a frozen object of the policy that knows where it was made', () => {
    const proxy = customProxy('guess', script);
    assert.ok(Object.isFrozen(proxy));
    assert.equal(proxy.name, 'guess');
    assert.equal(proxy.tellsRefusals, false);
    assert.equal(customProxy('guess', script, { tellRefusal: () => 'no' }).tellsRefusals, true);
    assert.equal(sourceOf(proxy)?.file, import.meta.filename);
    assert.deepEqual(faultsOf(proxy), []);
  });

  it('may answer alone where its script says when the server is connected', () => {
    assert.equal(customProxy('guess', script).mayAnswerAlone, true);
    assert.equal(customProxy('guess', script, { connect: 'first' }).mayAnswerAlone, false);
  });

  it('remembers faults and does not throw', () => {
    const options: object = { timeoutMs: -1, bufferSize: 1500 };
    const proxy = customProxy('Guess!', 'script' as never, options);
    const paths = faultsOf(proxy).map(({ path }) => path);
    assert.deepEqual(paths.sort(), ['bufferSize', 'name', 'script', 'timeoutMs']);
    const close = proxy.create(testContext()).handle({ type: 'started' }).at(-1);
    assert.equal(close?.type === 'close' && close.reason, 'custom.aborted');
  });

  it('tells the policy what its script may stack', () => {
    const filter = program('filter', { command: ['/bin/cat'] });
    const inner = service('inner', { proxy: customProxy('inner', script) });
    const proxy = customProxy('guess', script, { stacks: [filter, inner] });
    assert.deepEqual(proxy.stacks, [filter, inner]);
    assert.match(proxy.explain(), /may let contents pass through program filter or service inner$/);
    assert.deepEqual(customProxy('guess', script).stacks, []);
    const wrong: object = { stacks: [filter, '/bin/cat'] };
    const paths = faultsOf(customProxy('guess', script, wrong)).map(({ path }) => path);
    assert.deepEqual(paths, ['stacks[1]']);
  });

  it('explains what it does', () => {
    assert.equal(
      customProxy('guess', script).explain(),
      "runs the policy's own script for guess, which connects the server itself, reads lines of at most 4096 bytes from the client and 4096 from the server, ends after 600000 ms without traffic",
    );
    const first = customProxy('guess', script, { connect: 'first', tellRefusal: () => 'no' });
    assert.match(first.explain(), /, after the server is connected, .* why it is refused$/);
  });
});
