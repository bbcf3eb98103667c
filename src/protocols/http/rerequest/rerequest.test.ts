// Requests that are sent again when the server goes without a byte of an answer.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Dialogue } from '../../../../test/support/dialogue.ts';
import { client, server, serverEnds, serverResets } from '../../../../test/support/dialogue.ts';
import { begun, GET, httpEngine, OK, page, WEB } from '../../../../test/support/http-dialogue.ts';
import { runDialogue } from '../../../../test/support/model-pump.ts';
import type { Playbook } from '../../../../test/support/playbook.ts';
import {
  close,
  connect,
  connected,
  connectedShared,
  connectFailed,
  connectShared,
  disconnect,
  end,
  ended,
  hold,
  playbook,
  log,
  received,
  relay,
  release,
  send,
  sendLike,
  stacked,
  stackVerdict,
  started,
} from '../../../../test/support/playbook.ts';
import { accept } from '../../../proxy/policy-action.ts';
import type { HttpOptions } from '../http-options.ts';
import { httpProxy } from '../index.ts';

const ALL: HttpOptions = { request: { '*': accept() } };
const TWICE: HttpOptions = { ...ALL, rerequestAttempts: 2 };
const POSTING: HttpOptions = { ...TWICE, rerequestMethods: ['POST'] };
const HOST = 'Host: web.example\r\n';
const PUT = `PUT /a HTTP/1.1\r\n${HOST}Content-Length: 4\r\n\r\n`;
const CHUNKED = `PUT /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`;
const POST = PUT.replace('PUT', 'POST');

/** A dialogue up to a request that the server has got. */
function sent(request: string, options: HttpOptions): Playbook {
  return begun(options).given(received('client', request), connected());
}

const REFUSED = [
  disconnect(),
  sendLike('client', page(502, 'http.server-closed')),
  release('client'),
  end('client'),
];

describe('a request that a dead server never answered', () => {
  it('is sent again as often as the policy says, over a new connection each', () => {
    const dialogue = sent(GET, { ...ALL, rerequestAttempts: 3 });
    for (const error of [undefined, 'ECONNRESET'])
      dialogue
        .when(ended('server', error))
        .expect(disconnect(), connect(WEB))
        .when(connected())
        .expect(send('server', GET));
    dialogue.when(ended('server')).expect(...REFUSED);
  });

  it('is told of in the log', () => {
    playbook(httpEngine(TWICE), { ignoring: ['timer'] })
      .given(started(), received('client', GET), connected())
      .when(ended('server'))
      .expect(log('http.request-repeated'), disconnect(), connect(WEB));
  });

  for (const rerequestAttempts of [0, 1])
    it(`is sent once with ${rerequestAttempts} attempts, and twice where its connection had been kept`, () => {
      sent(GET, { ...ALL, rerequestAttempts })
        .when(ended('server'))
        .expect(...REFUSED);
      sent(GET, { ...ALL, rerequestAttempts })
        .given(received('server', OK), received('client', GET))
        .when(ended('server'))
        .expect(disconnect(), connect(WEB))
        .when(connected())
        .expect(send('server', GET))
        .when(ended('server'))
        .expect(...REFUSED);
    });

  it('is not sent again when the server has said a byte', () => {
    for (const beginning of ['H', 'HTTP/1.1 100 Continue\r\n\r\n'])
      sent(GET, TWICE)
        .given(received('server', beginning))
        .when(ended('server'))
        .expect(
          disconnect(),
          sendLike('client', /^HTTP\/1\.1 502 /),
          release('client'),
          end('client'),
        );
  });

  it('gets a page when there is no further connection', () => {
    sent(GET, TWICE)
      .given(ended('server'))
      .when(connectFailed())
      .expect(sendLike('client', /^HTTP\/1\.1 502 /), release('client'), end('client'));
  });

  it('is sent again with its body, as far as that has come, and the rest follows', () => {
    sent(`${PUT}ab`, TWICE)
      .when(ended('server'))
      .expect(hold('client'), disconnect(), connect(WEB))
      .when(connected())
      .expect(send('server', `${PUT}ab`), release('client'))
      .when(received('client', 'cd'))
      .expect(send('server', 'cd'), hold('client'))
      .when(received('server', OK))
      .expect(send('client', OK), release('client'));
  });

  it('is sent again with its whole body while the answer is awaited', () => {
    sent(`${PUT}abcd`, TWICE)
      .when(ended('server'))
      .expect(disconnect(), connect(WEB))
      .when(connected())
      .expect(send('server', `${PUT}abcd`))
      .when(received('server', OK))
      .expect(send('client', OK), release('client'));
  });

  it('keeps its chunks, also in the middle of one', () => {
    sent(`${CHUNKED}3\r\nab`, TWICE)
      .when(ended('server'))
      .expect(hold('client'), disconnect(), connect(WEB))
      .when(connected())
      .expect(send('server', `${CHUNKED}3\r\nab`), release('client'))
      .when(received('client', 'c\r\n0\r\n\r\n'))
      .expect(send('server', 'c\r\n0\r\n\r\n'), hold('client'));
  });

  it('ends the server connection with a reset when its client goes meanwhile', () => {
    sent(`${PUT}ab`, TWICE)
      .given(ended('server'), ended('client'))
      .when(connected())
      .expect(
        send('server', `${PUT}ab`),
        release('client'),
        close('accepted', 'http.client-gone', 'reset'),
      );
  });

  it('is sent once if its method is not one of those that may be repeated', () => {
    sent(`${POST}abcd`, TWICE)
      .when(ended('server'))
      .expect(...REFUSED);
    sent(`${POST}abcd`, POSTING)
      .when(ended('server'))
      .expect(disconnect(), connect(WEB))
      .when(connected())
      .expect(send('server', `${POST}abcd`));
    sent(`${PUT}abcd`, POSTING)
      .when(ended('server'))
      .expect(...REFUSED);
  });

  it('is sent once if its body is longer than what is kept, which then passes unseen', () => {
    const long = PUT.replace('4', '20000');
    sent(long, { ...TWICE, maxSpooledBytes: 19_999 })
      .when(received('client', 'ab'))
      .expect(send('server', 'ab'), relay('client', 'server', 19_998));
    sent(long, { ...TWICE, maxSpooledBytes: 20_000 })
      .when(received('client', 'ab'))
      .expect(send('server', 'ab'));
    sent(`${CHUNKED}5000\r\n`, { ...TWICE, maxSpooledBytes: 8 })
      .when(received('client', 'abc'))
      .expect(send('server', 'abc'), relay('client', 'server', 0x5000 - 3))
      .when(ended('server'))
      .expect(disconnect(), sendLike('client', page(502, 'http.server-closed')), end('client'));
  });

  it('is kept no longer than until the server says something', () => {
    sent(`${CHUNKED}5000\r\n`, TWICE)
      .given(received('server', 'HTTP/1.1 100 Continue\r\n\r\n'))
      .when(received('client', 'abc'))
      .expect(send('server', 'abc'), relay('client', 'server', 0x5000 - 3));
  });

  it('may go over a connection that others have used, if it is sure that it can be repeated', () => {
    const sharing = { ...TWICE, shareServerConnections: true };
    for (const [request, options, pool] of [
      [`${PUT}abcd`, sharing, 'any'],
      [`${PUT}abcd`, { ...sharing, maxSpooledBytes: 3 }, 'new'],
      [`${PUT}abcd`, { ...sharing, rerequestAttempts: 1 }, 'new'],
      [`${CHUNKED}0\r\n\r\n`, sharing, 'new'],
      [`${POST}abcd`, sharing, 'new'],
    ] as const)
      begun(options)
        .when(received('client', request))
        .expect(hold('client'), connectShared(WEB, pool));
    begun(sharing)
      .given(received('client', `${PUT}abcd`), connectedShared('reused'))
      .when(ended('server'))
      .expect(disconnect(), connectShared(WEB, 'new'));
  });
});

describe('requests that are sent again, wherever their servers die', () => {
  const chunked = `${CHUNKED}3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n`;

  /** A client that says a request in pieces; behind each a server dies. Those after them answer. */
  function dialogueOf(request: string, places: readonly number[], isReset: boolean): Dialogue {
    const dies = isReset ? serverResets : serverEnds;
    const cuts = places.map((place) => place % request.length).sort((a, b) => a - b);
    const turns = cuts.flatMap((cut, index) => {
      const piece = request.slice(cuts[index - 1] ?? 0, cut);
      return [...(piece === '' ? [] : [client(piece)]), dies(index + 1)];
    });
    return [...turns, client(request.slice(cuts.at(-1))), server(OK, cuts.length + 1)];
  }

  it('go over as many connections as the policy allows, from their beginning, and no more', () => {
    const law = (request: string, places: number[], isReset: boolean, attempts: number) => {
      const proxy = httpProxy({ ...ALL, rerequestAttempts: attempts });
      const run = runDialogue(proxy, dialogueOf(request, places, isReset));
      const connects = run.trace.filter((line) => line.startsWith('connect ')).length;
      assert.equal(connects, Math.min(attempts, places.length + 1));
      const sentRequests = run.output('server').split(/(?=GET|PUT)/);
      for (const one of sentRequests) assert.ok(request.startsWith(one), one);
      if (places.length >= attempts) assert.match(run.output('client'), /^HTTP\/1\.1 502 /);
      else assert.deepEqual([run.output('client'), sentRequests.at(-1)], [OK, request]);
    };
    fc.assert(
      fc.property(
        fc.constantFrom(GET, `${PUT}abcd`, chunked),
        fc.array(fc.nat(), { maxLength: 5 }),
        fc.boolean(),
        fc.integer({ min: 2, max: 4 }),
        law,
      ),
    );
  });
});

describe('a request through a child that a dead server never answered', () => {
  const child = { kind: 'service', name: 'scanner', proxy: httpProxy() } as const;
  const through: HttpOptions = { ...TWICE, requestStack: { PUT: { data: child } } };

  function scanned(options: HttpOptions = through): Playbook {
    return begun(options)
      .given(received('client', `${PUT}abcd`), connected(), stacked())
      .given(received('stack-server', 'ABC'));
  }

  it('is sent again as the child has made it, and what the child gives meanwhile follows', () => {
    scanned()
      .when(ended('server'))
      .expect(disconnect(), connect(WEB))
      .when(received('stack-server', 'DE'))
      .expect(hold('client'))
      .when(connected())
      .expect(send('server', `${CHUNKED}3\r\nABC\r\n2\r\nDE\r\n`))
      .given(ended('stack-client'), ended('stack-server'))
      .when(stackVerdict('accepted', 'program.ended'))
      .expect(
        disconnect('stack-client'),
        disconnect('stack-server'),
        send('server', '0\r\n\r\n'),
        hold('client'),
      )
      .when(received('server', OK))
      .expect(send('client', OK), release('client'));
  });

  it('is sent again when the child has finished', () => {
    scanned()
      .given(ended('stack-client'), ended('stack-server'))
      .given(stackVerdict('accepted', 'program.ended'))
      .when(ended('server'))
      .expect(disconnect(), connect(WEB))
      .when(connected())
      .expect(send('server', `${CHUNKED}3\r\nABC\r\n0\r\n\r\n`));
  });

  it('is refused when the child gives more than can be kept while there is no server', () => {
    scanned({ ...through, maxSpooledBytes: 10 })
      .given(ended('server'))
      .when(received('stack-server', 'DE'))
      .expect(
        disconnect('stack-client'),
        disconnect('stack-server'),
        disconnect(),
        sendLike('client', page(502, 'http.server-closed')),
        release('client'),
        end('client'),
      );
  });
});
