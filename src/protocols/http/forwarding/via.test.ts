import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asked, begun, GET } from '../../../../test/support/http-dialogue.ts';
import { connected, received, release, send } from '../../../../test/support/playbook.ts';
import type { ViaOption } from './via.ts';
import { viaLinesOf, viaRules, viaSchema } from './via.ts';

const WITH_VIA = GET.replace(
  '\r\n\r\n',
  '\r\nVia: 1.0 fred (a, b), 1.1 other.example:8080\r\n\r\n',
);

function forwarded(via: ViaOption, request = WITH_VIA): ReturnType<typeof begun> {
  return begun({ via }).given(received('client', request)).when(connected());
}

describe('viaSchema', () => {
  it('says how to write it', () => {
    const messages = (given: unknown): readonly string[] =>
      viaSchema.safeParse(given).error?.issues.map(({ message }) => message) ?? [];
    assert.deepEqual(messages('keep'), []);
    assert.deepEqual(messages({ pseudonym: 'zorp-1', received: 'drop' }), []);
    assert.deepEqual(messages('add'), ["give 'keep', 'drop' or { pseudonym: 'zorp-1' }"]);
    assert.equal(viaSchema.safeParse({ pseudonym: 'my proxy' }).success, false);
  });
});

describe('Via', () => {
  it('passes, or not, or gets a member', () => {
    const end1 = 'Host: web.example\r\n';
    const rest = WITH_VIA.slice(WITH_VIA.indexOf('Via:'), -2);
    forwarded('keep').expect(send('server', WITH_VIA));
    forwarded('drop').expect(send('server', GET));
    forwarded({ pseudonym: 'zorp' }).expect(
      send('server', `GET /a HTTP/1.1\r\n${end1}${rest}Via: 1.1 zorp\r\n\r\n`),
    );
    forwarded({ pseudonym: 'zorp', received: 'drop' }).expect(
      send('server', `GET /a HTTP/1.1\r\n${end1}Via: 1.1 zorp\r\n\r\n`),
    );
    forwarded({ pseudonym: 'zorp' }, GET.replace('1.1', '1.0')).expect(
      send('server', `GET /a HTTP/1.1\r\n${end1}Via: 1.0 zorp\r\nConnection: close\r\n\r\n`),
    );
  });

  it('is in answers, too, with the version of the server', () => {
    asked(GET, { via: { pseudonym: 'zorp' } })
      .when(received('server', 'HTTP/1.0 204 No\r\nConnection: keep-alive\r\n\r\n'))
      .expect(send('client', 'HTTP/1.1 204 No\r\nVia: 1.0 zorp\r\n\r\n'), release('client'));
  });

  it('is nothing but its option', () => {
    assert.equal(viaLinesOf('keep'), undefined);
    assert.deepEqual(Object.keys(viaRules('drop')), ['Via']);
    assert.deepEqual(viaRules({ pseudonym: 'zorp' }), {});
  });
});
