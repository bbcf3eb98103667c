// What a program finds in its environment, and what it does not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SocketAddress } from '../address/socket-address.ts';
import { testSession } from '../../test/support/test-session.ts';
import { program } from '../policy/program.ts';
import { contentHint } from '../proxy/content-hint.ts';
import { attribute } from '../proxy/proxy-session.ts';
import { PROGRAM_PATH, programEnvironment } from './program-environment.ts';

const command = ['/bin/cat'] as const;

describe('programEnvironment()', () => {
  it('is a fault of the policy where its function answers what throws when it is read', () => {
    const answer = Object.defineProperty({}, 'A', {
      enumerable: true,
      get: () => {
        throw new Error('not now');
      },
    });
    const filter = program('filter', { command: '/bin/true', environment: () => answer });
    assert.throws(() => programEnvironment(filter, testSession()), {
      message: 'The environment of program filter failed: not now',
    });
  });

  it('has the search path and the facts that are known, and nothing else', () => {
    assert.deepEqual(programEnvironment(program('filter', { command }), testSession()), {
      PATH: PROGRAM_PATH,
      ZORP_SESSION_ID: 'svc/test/service:0/0/proxy',
      ZORP_CLIENT: '10.1.2.3:40000',
      ZORP_CLIENT_ZONE: 'intranet',
    });
  });

  it('has the server, its zone and the hint of the parent', () => {
    const session = testSession({
      serverAddress: SocketAddress.parse('[2001:db8::1]:80'),
      serverZone: { name: 'internet' },
    });
    session.set(contentHint, { length: 3, format: 'email' });
    const made = programEnvironment(program('filter', { command }), session);
    assert.equal(made['ZORP_SERVER'], '[2001:db8::1]:80');
    assert.equal(made['ZORP_SERVER_ZONE'], 'internet');
    assert.equal(made['ZORP_CONTENT_FORMAT'], 'email');
    assert.equal(made['ZORP_CONTENT_LENGTH'], '3');
    session.set(contentHint, { format: 'file' });
    const unknown = programEnvironment(program('filter', { command }), session);
    assert.equal('ZORP_CONTENT_LENGTH' in unknown, false);
  });

  it('has what the policy says, which may be made from what a parent exports', () => {
    const sender = attribute<string>('sender');
    const session = testSession();
    session.set(sender, 'a@example.org');
    const fixed = program('filter', { command, environment: { PATH: '/opt', A: 'b' } });
    assert.equal(programEnvironment(fixed, session)['PATH'], '/opt');
    assert.equal(programEnvironment(fixed, session)['A'], 'b');
    const made = program('filter', {
      command,
      environment: (one) => ({ SENDER: one.get(sender) ?? '' }),
    });
    assert.equal(programEnvironment(made, session)['SENDER'], 'a@example.org');
  });

  it('fails with the policy function that fails, and with one that returns what is none', () => {
    const fails = program('filter', {
      command,
      environment: () => {
        throw new Error('no idea');
      },
    });
    assert.throws(
      () => programEnvironment(fails, testSession()),
      /environment of program filter failed: no idea/,
    );
    for (const value of [undefined, 1, { A: 1 }, { 'A=': '' }, { ZORP_CLIENT: '' }, { A: '\0' }]) {
      // What JavaScript lets a policy return is what is tested.
      const environment = (() => value) as unknown as () => Record<string, string>;
      assert.throws(
        () => programEnvironment(program('filter', { command, environment }), testSession()),
        { code: 'policy.invalid-result' },
      );
    }
  });
});
