// Another policy has come, or the instance ends and waits for its sessions: connections that are kept end between two
// requests.
import { describe, it } from 'node:test';
import { begun, GET, httpEngine, OK, quiet } from '../../../test/support/http-dialogue.ts';
import {
  close,
  connected,
  disconnect,
  elapsed,
  end,
  playbook,
  received,
  send,
  sendLike,
  started,
  timer,
} from '../../../test/support/playbook.ts';
import type { ProxyEvent } from '../../proxy/engine.ts';

const RETIRED: ProxyEvent = { type: 'retired', wasResting: false };
const RETIRED_AT_REST: ProxyEvent = { type: 'retired', wasResting: true };
const LAST_CALL = timer('http', 1_000, 'total');
const FINISHED = close('accepted', 'http.finished');
const LAST = /^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n\r\n/;

describe('httpProxy, when its policy is retired', () => {
  it('ends a connection that was at rest, with that to the server', () => {
    begun()
      .given(received('client', GET), connected(), received('server', OK))
      .when(RETIRED_AT_REST)
      .expect(FINISHED);
  });

  it('waits a moment for a request that is on its way, and says in its answer that it was the last', () => {
    const kept = [started(), received('client', GET), connected(), received('server', OK)];
    playbook(httpEngine(), { ignoring: ['log'] })
      .given(...kept)
      .when(RETIRED)
      .expect(LAST_CALL);
    quiet()
      .given(...kept, RETIRED, received('client', GET))
      .when(received('server', OK))
      .expect(sendLike('client', LAST), FINISHED);
  });

  it('ends when no request is on its way, and lets one that has begun come whole', () => {
    const kept = [started(), received('client', GET), connected(), received('server', OK), RETIRED];
    quiet()
      .given(...kept)
      .when(elapsed('http'))
      .expect(FINISHED);
    quiet()
      .given(...kept, received('client', GET.slice(0, 9)), elapsed('http'))
      .given(received('client', GET.slice(9)))
      .when(received('server', OK))
      .expect(sendLike('client', LAST), FINISHED);
    quiet()
      .given(...kept, received('client', GET.slice(0, 9)), elapsed('http'))
      .when(elapsed('http'))
      .expect(disconnect(), sendLike('client', /^HTTP\/1\.1 408 /), end('client'));
  });

  it('gives a request that has begun its time, also when yet another policy comes', () => {
    begun()
      .given(received('client', GET), connected(), received('server', OK), RETIRED)
      .given(received('client', GET.slice(0, 9)), RETIRED, elapsed('http'))
      .given(received('client', GET.slice(9)))
      .when(received('server', OK))
      .expect(sendLike('client', LAST), FINISHED);
  });

  it('waits for the first request, and says in its answer that it was the last', () => {
    begun()
      .when(RETIRED)
      .expect()
      .given(received('client', GET), connected())
      .when(received('server', OK))
      .expect(sendLike('client', LAST), FINISHED);
  });

  it('waits for the rest of a request, and for its answer', () => {
    begun()
      .given(received('client', GET), connected(), received('server', OK))
      .given(received('client', GET.slice(0, 9)))
      .when(RETIRED)
      .expect()
      .given(received('client', GET.slice(9)))
      .when(received('server', OK))
      .expect(sendLike('client', LAST), FINISHED);
  });

  it('ends behind an answer that had begun before, and takes the requests that had come', () => {
    const half = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc';
    begun()
      .given(received('client', GET), connected(), received('server', half), RETIRED)
      .when(received('server', 'def'))
      .expect(send('client', 'def'), FINISHED);
    begun()
      .given(received('client', GET + GET), connected(), received('server', half), RETIRED)
      .given(received('server', 'def'))
      .when(received('server', OK))
      .expect(sendLike('client', LAST), FINISHED);
  });

  it('changes nothing for a client that is told of a problem', () => {
    begun().given(received('client', 'bad\r\n')).when(RETIRED).expect();
  });
});
