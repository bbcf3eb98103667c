// An instance that ends waits for its sessions: connections that are kept must not make it wait for nothing.
import { describe, it } from 'node:test';
import { GET, OK, quiet } from '../../../test/support/http-dialogue.ts';
import {
  close,
  connected,
  received,
  send,
  sendLike,
  started,
} from '../../../test/support/playbook.ts';
import type { ProxyEvent } from '../../proxy/engine.ts';

const RETIRED: ProxyEvent = { type: 'retired' };
const FINISHED = close('accepted', 'http.finished');
const LAST = /^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n\r\n/;

describe('httpProxy, when the instance ends', () => {
  it('ends a connection that is kept, with that to the server', () => {
    quiet()
      .given(started(), received('client', GET), connected(), received('server', OK))
      .when(RETIRED)
      .expect(FINISHED);
  });

  it('waits for the first request, and says in its answer that it was the last', () => {
    quiet()
      .given(started())
      .when(RETIRED)
      .expect()
      .given(received('client', GET), connected())
      .when(received('server', OK))
      .expect(sendLike('client', LAST), FINISHED);
  });

  it('waits for the rest of a request, and for its answer', () => {
    quiet()
      .given(started(), received('client', GET), connected(), received('server', OK))
      .given(received('client', GET.slice(0, 9)))
      .when(RETIRED)
      .expect()
      .given(received('client', GET.slice(9)))
      .when(received('server', OK))
      .expect(sendLike('client', LAST), FINISHED);
  });

  it('ends behind an answer that had begun before, and takes the requests that had come', () => {
    const begun = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc';
    quiet()
      .given(started(), received('client', GET), connected(), received('server', begun), RETIRED)
      .when(received('server', 'def'))
      .expect(send('client', 'def'), FINISHED);
    quiet()
      .given(
        started(),
        received('client', GET + GET),
        connected(),
        received('server', begun),
        RETIRED,
      )
      .given(received('server', 'def'))
      .when(received('server', OK))
      .expect(sendLike('client', LAST), FINISHED);
  });

  it('changes nothing for a client that is told of a problem', () => {
    quiet().given(started(), received('client', 'bad\r\n')).when(RETIRED).expect();
  });
});
