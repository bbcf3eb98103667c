import { describe, it } from 'node:test';
import { begun, GET, page, WEB } from '../../../test/support/http-dialogue.ts';
import {
  connect,
  end,
  hold,
  playbook,
  received,
  release,
  resolved,
  sendLike,
  started,
  testContext,
  wait,
} from '../../../test/support/playbook.ts';
import { accept, reject } from '../../proxy/policy-action.ts';
import { httpProxy } from './index.ts';

describe('the steps of the gate', () => {
  it('begin with the refusal of the session', () => {
    const refusal = { reason: 'no.access', verdict: 'denied-by-policy', message: 'No' } as const;
    const filtering = httpProxy({ urlFilter: { block: () => true }, request: {} });
    playbook(filtering.create({ ...testContext(), refusal }), { ignoring: ['log', 'timer'] })
      .given(started())
      .when(received('client', GET))
      .expect(sendLike('client', page(403, 'no.access')), end('client'));
  });

  it('ask the lists of URLs before the policy', () => {
    begun({ urlFilter: { block: () => true }, request: {} })
      .when(received('client', GET))
      .expect(sendLike('client', page(403, 'http.url-blocked')), end('client'));
  });

  it('wait for the policy', () => {
    begun({ request: { GET: () => Promise.resolve(accept()) } })
      .when(received('client', GET))
      .expect(hold('client'), wait())
      .when(resolved(accept()))
      .expect(connect(WEB));
    begun({ request: { GET: () => Promise.resolve(reject()) } })
      .given(received('client', GET))
      .when(resolved(reject('later')))
      .expect(sendLike('client', /later/), release('client'), end('client'));
  });
});
