import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  close,
  ended,
  log,
  playbook,
  received,
  send,
  started,
  timer,
} from '../../test/support/playbook.ts';
import { toBytes } from '../../test/support/latin1.ts';
import type { LogAction, ProxyAction, ProxyEngine } from './engine.ts';
import type { ProxyCore } from './guard.ts';
import { guard } from './guard.ts';
import { PolicyFault, Violation } from './violation.ts';

const HELLO: ProxyAction = { type: 'send', to: 'client', bytes: toBytes('hello') };
const SORRY: ProxyAction = { type: 'send', to: 'client', bytes: toBytes('sorry') };
const CLOSE: ProxyAction = { type: 'close', verdict: 'accepted', reason: 'done' };
const VIOLATION = new Violation('test.nul', 'client', 'A NUL came');

function coreOf(
  handle: ProxyCore['handle'],
  refuse: ProxyCore['refuse'] = () => undefined,
): ProxyCore {
  return { handle, refuse };
}

/** A core that does something and then throws. */
function throwing(error: unknown, refuse?: ProxyCore['refuse']): ProxyCore {
  return coreOf((_, out) => {
    out.push(HELLO);
    throw error;
  }, refuse);
}

function wordsOf(engine: ProxyEngine, reason: string): readonly LogAction[] | undefined {
  return engine.lastWords?.(reason);
}

describe('guard()', () => {
  it('hands through what the core asks for', () => {
    playbook(guard(coreOf((_, out) => out.push(HELLO))))
      .when(started())
      .expect(send('client', 'hello'));
  });

  it('cuts what follows a close, and is silent ever after', () => {
    playbook(guard(coreOf((_, out) => out.push(HELLO, CLOSE, HELLO))))
      .when(started())
      .expect(send('client', 'hello'), close('accepted', 'done'))
      .when(received('client', 'x'))
      .expect()
      .when(ended('client'))
      .expect();
  });

  it('keeps what was done before a violation, then logs, refuses and closes', () => {
    playbook(guard(throwing(VIOLATION, (_, out) => out.push(SORRY))))
      .when(started())
      .expect(
        send('client', 'hello'),
        log('test.nul'),
        send('client', 'sorry'),
        close('denied-by-policy', 'test.nul'),
      )
      .when(started())
      .expect();
  });

  it('tells the side of a violation, and the trace of what made a policy function fail', () => {
    const fieldsOf = (error: unknown) =>
      guard(throwing(error))
        .handle(started())
        .flatMap((action) => (action.type === 'log' ? [action] : []))
        .map(({ level, fields }) => ({ level, ...fields }));
    assert.deepEqual(fieldsOf(VIOLATION), [
      { level: 'violation', side: 'client', cause: undefined },
    ]);
    const cause = new Error('no database');
    const fault = new PolicyFault('policy.function-failed', 'The check failed', cause);
    assert.deepEqual(fieldsOf(fault), [{ level: 'policy', side: undefined, cause: cause.stack }]);
  });

  it('closes with the verdict of a policy fault', () => {
    const fault = new PolicyFault('policy.invalid-result', 'The check returned 7');
    playbook(guard(throwing(fault)), { ignoring: ['log', 'send'] })
      .when(started())
      .expect(close('invalid-policy-call', 'policy.invalid-result'));
  });

  it('leaves the close to a core that closes itself', () => {
    playbook(guard(throwing(VIOLATION, (_, out) => out.push(CLOSE))), { ignoring: ['log', 'send'] })
      .when(started())
      .expect(close('accepted', 'done'));
  });

  it('leaves the close to a core that waits for its page to arrive', () => {
    const linger: ProxyAction = { type: 'timer', timer: 'linger', afterMs: 10, mode: 'total' };
    playbook(guard(throwing(VIOLATION, (_, out) => out.push(linger))), {
      ignoring: ['log', 'send'],
    })
      .when(started())
      .expect(timer('linger', 10));
  });

  it('ends the session on a bug, with its trace in the log', () => {
    const shapeless: unknown = Object.create(null);
    const bugs = [new TypeError('x is undefined'), 'a text', undefined, shapeless];
    for (const bug of bugs)
      playbook(guard(throwing(bug)))
        .when(started())
        .expect(
          send('client', 'hello'),
          log('proxy.internal-error'),
          close('denied-by-unknown-fail', 'proxy.internal-error'),
        );
    const [, logged] = guard(throwing(bugs[0])).handle(started());
    assert.ok(
      logged?.type === 'log' && String(logged.fields?.['stack']).includes('x is undefined'),
    );
  });

  it('ends the session on a bug in the refusal itself', () => {
    const refuse = () => {
      throw new TypeError('no page');
    };
    playbook(guard(throwing(VIOLATION, refuse)))
      .when(started())
      .expect(
        send('client', 'hello'),
        log('test.nul'),
        log('proxy.internal-error'),
        close('denied-by-unknown-fail', 'proxy.internal-error'),
      );
  });

  it('closes after a refusal, whatever timers stood before it', () => {
    const stop: ProxyAction = { type: 'timer', timer: 'head', afterMs: undefined, mode: 'total' };
    const arm: ProxyAction = { type: 'timer', timer: 'head', afterMs: 10, mode: 'total' };
    for (const before of [stop, arm]) {
      const core = coreOf(
        (_, out) => {
          out.push(before);
          throw VIOLATION;
        },
        (_, out) => out.push(stop),
      );
      const last = guard(core).handle(started()).at(-1);
      assert.equal(last?.type, 'close');
    }
  });

  it('asks for last words once, and not after a close', () => {
    const line: LogAction = { type: 'log', level: 'info', code: 'a', message: 'A' };
    const said: string[] = [];
    const core: ProxyCore = {
      ...coreOf((_, out) => void out.push(CLOSE)),
      lastWords: (reason, out) => {
        said.push(reason);
        out.push(line);
      },
    };
    const engine = guard(core);
    assert.deepEqual(wordsOf(engine, 'gone'), [line]);
    assert.deepEqual(wordsOf(engine, 'again'), []);
    assert.deepEqual(engine.handle(started()), []);
    const closed = guard(core);
    closed.handle(started());
    assert.deepEqual(wordsOf(closed, 'late'), []);
    assert.deepEqual(said, ['gone']);
    assert.deepEqual(wordsOf(guard(coreOf(() => undefined)), 'gone'), []);
  });
});
