import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { systemDigests } from '../io/digests.ts';
import { inbandAuthentication } from '../policy/authentication.ts';
import { functionProvider } from '../policy/authentication-provider.ts';
import { AuthenticationStates } from './authentication-state.ts';

const provider = functionProvider(() => undefined);

describe('AuthenticationStates', () => {
  it('has one memory for each policy', () => {
    const states = new AuthenticationStates(new ManualClock(), systemDigests);
    const one = inbandAuthentication({ provider });
    const other = inbandAuthentication({ provider, cache: 'none', maxAuthTimeMs: 1_000 });
    assert.equal(states.of(one), states.of(one));
    assert.notEqual(states.of(one), states.of(other));
    assert.notEqual(states.of(one).sealKey, states.of(other).sealKey);
    assert.notEqual(states.of(one).logins, undefined);
    assert.equal(states.of(one).windows, undefined);
    assert.equal(states.of(other).logins, undefined);
    assert.notEqual(states.of(other).windows, undefined);
  });

  it('has a secret of its own', () => {
    const [one, other] = [1, 2].map(
      () => new AuthenticationStates(new ManualClock(), systemDigests),
    );
    assert.notEqual(one?.secret, other?.secret);
  });
});
