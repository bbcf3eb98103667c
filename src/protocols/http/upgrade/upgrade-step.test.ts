import { describe, it } from 'node:test';
import { begun, page, WEB } from '../../../../test/support/http-dialogue.ts';
import type { Playbook } from '../../../../test/support/playbook.ts';
import {
  connect,
  connected,
  end,
  hold,
  received,
  resolved,
  send,
  sendLike,
  wait,
} from '../../../../test/support/playbook.ts';
import { service } from '../../../policy/service.ts';
import { abort, accept, drop, reject } from '../../../proxy/policy-action.ts';
import { webSocketProxy } from '../../websocket/index.ts';
import type { HttpRequest } from '../rules/http-request.ts';
import type { UpgradeRules } from './upgrade-option.ts';

const chat = service('chat', { proxy: webSocketProxy() });

const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const FIELDS = `${KEY}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n`;
const WISH = 'Upgrade: websocket\r\nConnection: Upgrade\r\n';

function ask(wish = WISH, fields = FIELDS): string {
  return `GET /chat HTTP/1.1\r\nHost: web.example\r\n${wish}${fields}\r\n`;
}

function dialogue(upgrade: UpgradeRules): Playbook {
  return begun({ upgrade, stacks: [chat] });
}

/** What the server gets. */
function forwarded(wish: string, fields = FIELDS): string {
  return `GET /chat HTTP/1.1\r\nHost: web.example\r\n${fields}${wish}\r\n`;
}

describe('a wish for another protocol', () => {
  it('goes to the server if the policy has a rule for it, and alone', () => {
    dialogue({ websocket: accept() })
      .when(
        received('client', ask('Connection: keep-alive, Upgrade\r\nUpgrade: h2c, WebSocket\r\n')),
      )
      .expect(hold('client'), connect(WEB))
      .when(connected())
      .expect(send('server', forwarded('Upgrade: WebSocket\r\nConnection: Upgrade\r\n')));
    dialogue({ irc: accept() })
      .given(received('client', ask('Upgrade: IRC/6.9\r\nConnection: Upgrade\r\n', '')))
      .when(connected())
      .expect(send('server', forwarded('Upgrade: IRC/6.9\r\nConnection: Upgrade\r\n', '')));
  });

  it('is dropped otherwise', () => {
    const plain = 'GET /chat HTTP/1.1\r\nHost: web.example\r\n';
    for (const rules of [{}, { irc: accept() }, { websocket: drop() }])
      dialogue(rules)
        .given(received('client', ask()))
        .when(connected())
        .expect(send('server', `${plain}${FIELDS}\r\n`));
    dialogue({ websocket: accept() })
      .given(
        received(
          'client',
          ask('', '').replace('1.1', '1.0').replace('\r\n\r\n', `\r\n${WISH}\r\n`),
        ),
      )
      .when(connected())
      .expect(send('server', `${plain}Connection: close\r\n\r\n`));
  });

  it('has no extensions where frames are looked at', () => {
    dialogue({ websocket: chat })
      .given(received('client', ask()))
      .when(connected())
      .expect(send('server', forwarded(WISH, `${KEY}Sec-WebSocket-Version: 13\r\n`)));
  });

  it('stays in a request that the policy has changed', () => {
    const request = {
      GET: ({ headers }: HttpRequest) => {
        headers.set('X-Seen', 'yes');
        return accept();
      },
    };
    begun({ request, upgrade: { websocket: accept() } })
      .given(received('client', ask()))
      .when(connected())
      .expect(send('server', forwarded(WISH, `${FIELDS}X-Seen: yes\r\n`)));
  });

  it('is decided by a function, which sees the request and may take its time', () => {
    const ofOurPages: UpgradeRules = {
      websocket: ({ headers }) =>
        headers.get('origin') === 'http://web.example' ? chat : reject('Only from our pages'),
    };
    const from = (origin: string): string => `${FIELDS}Origin: ${origin}\r\n`;
    dialogue(ofOurPages)
      .when(received('client', ask(WISH, from('http://web.example'))))
      .expect(hold('client'), connect(WEB));
    dialogue(ofOurPages)
      .when(received('client', ask(WISH, from('http://evil.example'))))
      .expect(sendLike('client', page(403, 'http.upgrade-not-permitted')), end('client'));
    dialogue({ websocket: () => reject('Not now', 503) })
      .when(received('client', ask()))
      .expect(sendLike('client', page(503, 'http.upgrade-not-permitted')), end('client'));
    dialogue({ websocket: () => Promise.resolve(abort()) })
      .when(received('client', ask()))
      .expect(hold('client'), wait())
      .when(resolved(accept()))
      .expect(connect(WEB))
      .when(connected())
      .expect(send('server', forwarded(WISH)));
    dialogue({ websocket: () => true as never })
      .when(received('client', ask()))
      .expect(sendLike('client', page(500, 'policy.invalid-result')), end('client'));
  });

  const bad: readonly (readonly [number, string, string])[] = [
    [400, 'http.bad-upgrade', ask('Upgrade: web socket\r\nConnection: Upgrade\r\n')],
    [400, 'http.bad-upgrade', ask('Upgrade: websocket\r\n')],
    [400, 'http.bad-websocket-request', ask(WISH, 'Sec-WebSocket-Version: 13\r\n')],
    [426, 'http.websocket-version', ask(WISH, `${KEY}Sec-WebSocket-Version: 12\r\n`)],
    [400, 'http.upgrade-with-body', ask(`${WISH}Content-Length: 1\r\n`)],
    [400, 'http.bad-websocket-request', ask().replace('GET', 'POST')],
  ];
  for (const [status, code, request] of bad)
    it(`is refused: ${code}, ${JSON.stringify(request.slice(0, 80))}`, () => {
      dialogue({ websocket: accept() })
        .when(received('client', request))
        .expect(sendLike('client', page(status, code)), end('client'));
    });

  it('is told which version of WebSocket would do', () => {
    dialogue({ websocket: accept() })
      .when(received('client', ask(WISH, `${KEY}Sec-WebSocket-Version: 12\r\n`)))
      .expect(
        sendLike(
          'client',
          /\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n/,
        ),
        end('client'),
      );
  });
});
