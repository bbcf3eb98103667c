import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { abort, accept, drop } from '../../../proxy/policy-action.ts';
import { begun, httpEngine, page } from '../../../../test/support/http-dialogue.ts';
import { httpPlan } from '../../../../test/support/http-heads.ts';
import {
  connected,
  disconnect,
  end,
  received,
  release,
  send,
  sendLike,
  started,
} from '../../../../test/support/playbook.ts';
import type { HttpOptions } from '../http-options.ts';

const STRICT: HttpOptions = { strictHeaderChecking: true };
const HEAD = 'GET /a HTTP/1.1\r\nHost: web.example\r\n';

/** A browser of today, and a server of today. */
const BROWSER =
  `${HEAD}Connection: keep-alive\r\n` +
  'sec-ch-ua: "Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"\r\n' +
  'sec-ch-ua-mobile: ?0\r\nsec-ch-ua-platform: "Linux"\r\nUpgrade-Insecure-Requests: 1\r\n' +
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36\r\n' +
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7\r\n' +
  'Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-User: ?1\r\nSec-Fetch-Dest: document\r\n' +
  'Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9,de;q=0.8\r\n' +
  'Cookie: session=0f8b1c6e; theme=dark\r\nIf-None-Match: W/"6a1f-61c0"\r\nRange: bytes=0-\r\n\r\n';
const SERVER =
  'HTTP/1.1 200 OK\r\nServer: nginx/1.26.3 (Debian)\r\nDate: Sun, 22 Nov 2026 14:56:51 GMT\r\n' +
  'Content-Type: text/html; charset="utf-8"\r\nContent-Length: 2\r\nETag: W/"x"\r\nVary: Accept-Encoding, Cookie\r\n' +
  'Set-Cookie: a=b; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Secure; SameSite=Lax\r\nExpires: 0\r\n' +
  'Strict-Transport-Security: max-age=63072000; includeSubDomains; preload\r\nAccept-Ranges: bytes\r\n' +
  'Content-Security-Policy: default-src \'self\'; img-src * data:\r\nAlt-Svc: h3=":443"; ma=86400\r\n' +
  'Cache-Control: public, max-age=31536000, immutable\r\nX-Content-Type-Options: nosniff\r\n' +
  'Permissions-Policy: geolocation=(self "https://a.example"), camera=()\r\nServer-Timing: cache;desc="HIT, 2";dur=1.5\r\n\r\nhi';

/** What the server gets of these fields. */
function forwarded(fields: string, expected: string, options: HttpOptions = STRICT): void {
  begun(options)
    .given(received('client', `${HEAD}${fields}\r\n`))
    .when(connected())
    .expect(send('server', `${HEAD}${expected}\r\n`));
}

function refused(
  fields: string,
  status: number,
  code: string,
  options: HttpOptions = STRICT,
): void {
  begun(options)
    .when(received('client', `${HEAD}${fields}\r\n`))
    .expect(sendLike('client', page(status, code)), end('client'));
}

describe('strict header checking', () => {
  it('lets browsers and servers of today pass as they are', () => {
    const sent = BROWSER.replace('Connection: keep-alive\r\n', '');
    begun(STRICT)
      .given(received('client', BROWSER))
      .when(connected())
      .expect(send('server', sent))
      .when(received('server', SERVER))
      .expect(send('client', SERVER), release('client'));
  });

  it('drops what nobody knows', () => {
    forwarded('X-Odd: 1\r\nAccept: */*\r\nx-odd: 2\r\n', 'Accept: */*\r\n');
    forwarded('X-Odd: 1\r\n', '');
  });

  it('lets it pass, or refuses the message, if the policy says so', () => {
    const action = (strictHeaderCheckingAction: HttpOptions['strictHeaderCheckingAction']) =>
      ({ ...STRICT, strictHeaderCheckingAction }) as HttpOptions;
    forwarded('X-Odd: 1\r\n', 'X-Odd: 1\r\n', action(accept()));
    refused('X-Odd: 1\r\n', 403, 'http.unknown-header', action(abort('Not here')));
  });

  it('knows the names that the policy has rules for', () => {
    forwarded('x-odd: "1\r\n', 'x-odd: "1\r\n', {
      ...STRICT,
      requestHeader: { 'X-Odd': accept() },
    });
    forwarded('X-Odd: 1\r\n', '', { ...STRICT, requestHeader: { 'X-Odd': drop() } });
    forwarded('X-Odd: 1\r\n', '', { ...STRICT, requestHeader: { '*': accept() } });
  });

  it('knows fields of the other direction no better than others', () => {
    forwarded('Set-Cookie: a=b\r\nLocation: /\r\n', '');
  });

  it('refuses values that break the grammar of their field, or are too long', () => {
    for (const fields of [
      'Accept: text\r\n',
      'Referer: http://a/ b\r\n',
      'Content-Type: <script>\r\n',
      'Range: bytes=x\r\n',
      `User-Agent: ${'a'.repeat(1_025)}\r\n`,
    ])
      refused(fields, 400, 'http.bad-field-value');
  });

  it('refuses answers of servers, too', () => {
    begun(STRICT)
      .given(received('client', `${HEAD}\r\n`), connected())
      .when(received('server', 'HTTP/1.1 200 OK\r\nETag: none\r\nContent-Length: 0\r\n\r\n'))
      .expect(
        disconnect(),
        sendLike('client', page(502, 'http.bad-field-value')),
        release('client'),
        end('client'),
      );
  });

  it('shows functions of the policy only what passes', () => {
    const seen: boolean[] = [];
    const engine = httpEngine({
      ...STRICT,
      request: {
        GET: ({ headers }) => {
          seen.push(headers.has('X-Odd'), headers.has('Accept'));
          return accept();
        },
      },
    });
    engine.handle(started());
    engine.handle(received('client', `${HEAD}X-Odd: 1\r\nAccept: */*\r\n\r\n`));
    assert.deepEqual(seen, [false, true]);
  });

  it('is not there if it is off', () => {
    const { requests, responses } = httpPlan();
    assert.deepEqual([requests.strict, responses.strict], [undefined, undefined]);
  });
});
