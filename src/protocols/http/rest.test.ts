// Where the HTTP engine may rest. That nobody can tell is a law, in test/laws.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GET, httpEngine, OK } from '../../../test/support/http-dialogue.ts';
import {
  connected,
  elapsed,
  ended,
  received,
  resolved,
  started,
} from '../../../test/support/playbook.ts';
import type { ProxyEvent } from '../../proxy/engine.ts';
import { accept } from '../../proxy/policy-action.ts';
import { settled } from '../../../test/support/settled.ts';
import { TUNNEL } from '../../../test/support/socks-dialogue.ts';
import type { HttpOptions } from './http-options.ts';

/** Whether it may rest after each event. */
function rests(events: readonly ProxyEvent[], options: HttpOptions = {}): readonly boolean[] {
  const engine = httpEngine(options);
  return events.map((event) => {
    engine.handle(event);
    return engine.rest?.() !== undefined;
  });
}

const ANSWERED = [started(), received('client', GET), connected(), received('server', OK)];

describe('the HTTP engine at rest', () => {
  it('is one that nothing has been asked of, or that has answered all', () => {
    assert.deepEqual(rests(ANSWERED), [true, false, false, true]);
    const again = [received('client', GET), received('server', OK)];
    assert.deepEqual(rests([...ANSWERED, ...again]).slice(4), [false, true]);
  });

  it('is not one inside a head, a body or an answer', () => {
    const post = 'POST / HTTP/1.1\r\nHost: web.example\r\nContent-Length: 2\r\n\r\n';
    const parts = [started(), received('client', '\r'), received('client', `\n${post}`)];
    assert.deepEqual(rests(parts), [true, false, false]);
    const answering = [...ANSWERED.slice(0, 3), received('server', OK.slice(0, -1))];
    assert.deepEqual(rests(answering).slice(3), [false]);
  });

  it('is not one that waits for the policy', () => {
    const options: HttpOptions = { request: { '*': () => settled(accept()) } };
    const events = [started(), received('client', GET), resolved(accept())];
    assert.deepEqual(rests(events, options), [true, false, false]);
  });

  it('is not one that lingers or has closed', () => {
    assert.deepEqual(rests([started(), received('client', 'nonsense\r\n\r\n')]), [true, false]);
    assert.deepEqual(rests([...ANSWERED, ended('client')]).at(-1), false);
    assert.deepEqual(rests([...ANSWERED, elapsed('http')]).at(-1), false);
  });

  it('needs to know of a client of two protocols, or of an old one, which it is', () => {
    const fresh: HttpOptions = { socks: true, mode: 'explicit', connect: TUNNEL };
    assert.deepEqual(rests([started()], fresh), [false]);
    const old: HttpOptions = { permitHttp09Requests: true, requireHostHeader: false };
    assert.deepEqual(rests(ANSWERED, old), [false, false, false, true]);
  });
});
