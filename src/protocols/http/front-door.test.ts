// One port, two protocols: the first byte decides.
import { describe, it } from 'node:test';
import { begun, page } from '../../../test/support/http-dialogue.ts';
import {
  close,
  connect,
  elapsed,
  end,
  ended,
  hold,
  received,
  send,
  sendLike,
} from '../../../test/support/playbook.ts';
import { TUNNEL } from '../../../test/support/socks-dialogue.ts';
import * as say from '../../../test/support/socks-messages.ts';

describe('httpProxy({ socks: true })', () => {
  const options = { mode: 'explicit', connect: TUNNEL, socks: true } as const;
  const door = (): ReturnType<typeof begun> => begun(options);

  it('speaks HTTP with who speaks HTTP', () => {
    door()
      .when(received('client', 'GET http://www.example/ HTTP/1.1\r\nHost: www.example\r\n\r\n'))
      .expect(hold('client'), connect({ host: 'www.example', port: 80 }));
    door()
      .when(received('client', '\x06'))
      .expect(sendLike('client', page(400, 'http.control-byte')), end('client'));
    door().when(ended('client')).expect(close('accepted', 'http.finished'));
    door()
      .when(elapsed('http'))
      .expect(sendLike('client', page(408, 'http.request-timeout')), end('client'))
      .when(received('client', say.socks4a('', 22)))
      .expect(); // too late for a reply
  });

  it('speaks SOCKS with who speaks SOCKS, and decides as for CONNECT', () => {
    door()
      .when(received('client', say.greeting(0)))
      .expect(send('client', '\x05\0'))
      .when(received('client', say.named('www.example', 443)))
      .expect(hold('client'), connect({ host: 'www.example', port: 443 }));
    door()
      .when(received('client', say.socks4a('www.example', 22)))
      .expect(send('client', say.reply4(91)), end('client'));
  });

  it('speaks only HTTP without it', () => {
    begun({ ...options, socks: false })
      .when(received('client', say.greeting(0)))
      .expect(sendLike('client', page(400, 'http.control-byte')), end('client'));
  });
});
