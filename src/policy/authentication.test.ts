import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAtOnce } from '../../test/support/read-at-once.ts';
import { takeLiveInputs } from '../proxy/live-input.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import { explainAuthentication, inbandAuthentication } from './authentication.ts';
import { functionProvider } from './authentication-provider.ts';

const provider = functionProvider(() => undefined);

function pathsOf(options: object): readonly string[] {
  return faultsOf(inbandAuthentication(options as never)).map(({ path }) => path);
}

describe('inbandAuthentication()', () => {
  it('has defaults', () => {
    const made = inbandAuthentication({ provider });
    assert.deepEqual(faultsOf(made), []);
    assert.deepEqual(made.cache, {
      ...{ by: 'client', lifetimeMs: 600_000, renew: false, maxEntries: 10_000 },
    });
    assert.deepEqual(made.limits, {
      ...{ maxAttempts: 5, maxFailures: 20, failureWindowMs: 60_000 },
      ...{ maxChecks: 32, timeoutMs: 10_000 },
    });
    assert.equal(made.key(), undefined);
  });

  it('remembers nothing where it is told so', () => {
    assert.equal(inbandAuthentication({ provider, cache: 'none' }).cache, undefined);
  });

  it('tells what is wrong', () => {
    assert.deepEqual(pathsOf({}), ['provider']);
    assert.deepEqual(pathsOf({ provider: { ...provider } }), ['provider']);
    assert.deepEqual(pathsOf({ provider, cache: { by: 'host' } }), ['cache.by']);
    assert.deepEqual(pathsOf({ provider, cache: 'all' }), ['cache']);
    assert.deepEqual(pathsOf({ provider, limits: { maxAttempts: 0 } }), ['limits.maxAttempts']);
    assert.deepEqual(pathsOf({ provider, maxAuthTimeMs: 0 }), ['maxAuthTimeMs']);
  });

  it('reads its key from a file, and never shows it', () => {
    takeLiveInputs();
    const made = inbandAuthentication({ provider, keyFile: 'key' });
    const [file] = takeLiveInputs();
    assert.ok(file?.kind === 'live-file');
    assert.throws(() => made.key(), /was not read/);
    const [fault] = readAtOnce(file, 'sesame');
    assert.match(fault?.cure ?? '', /at least 32 characters/);
    assert.doesNotMatch(JSON.stringify(fault), /sesame/);
    assert.deepEqual(readAtOnce(file, `${'k'.repeat(32)}\n`), []);
    assert.equal(made.key(), 'k'.repeat(32));
    file.forget();
    assert.throws(() => made.key(), /was not read/);
  });
});

describe('explainAuthentication()', () => {
  it('says who is asked and what is remembered', () => {
    assert.equal(
      explainAuthentication(inbandAuthentication({ provider })),
      'users by a function, remembered for 600 s by client',
    );
    assert.equal(
      explainAuthentication(inbandAuthentication({ provider, cache: 'none' })),
      'users by a function',
    );
  });
});
