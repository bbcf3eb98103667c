import { describe, it } from 'node:test';
import { begun, GET, page, WEB } from '../../../../test/support/http-dialogue.ts';
import { connect, end, hold, received, sendLike } from '../../../../test/support/playbook.ts';

const WITH_VIA = GET.replace(
  '\r\n\r\n',
  '\r\nVia: 1.0 fred (a, b), 1.1 other.example:8080\r\n\r\n',
);

describe('Via with a pseudonym', () => {
  it('refuses a request that has been here', () => {
    for (const pseudonym of ['fred', 'FRED'])
      begun({ via: { pseudonym } })
        .when(received('client', WITH_VIA))
        .expect(sendLike('client', page(508, 'http.via-loop')), end('client'));
    begun({ via: { pseudonym: 'zorp' } })
      .when(received('client', GET))
      .expect(hold('client'), connect(WEB));
    begun({ via: { pseudonym: 'zorp' } })
      .when(received('client', WITH_VIA))
      .expect(hold('client'), connect(WEB));
  });
});
