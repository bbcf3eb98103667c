import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { httpEngine, OK } from '../../../test/support/http-dialogue.ts';
import { connected, received, started } from '../../../test/support/playbook.ts';
import { samplePeer, sampleTlsFacts } from '../../../test/support/sample-peer.ts';
import type { Attribute, ProxySession } from '../../proxy/proxy-session.ts';
import type { PeerCertificate } from '../../proxy/tls-facts.ts';
import { tlsServerName } from '../../proxy/tls-server-name.ts';
import type { Accept } from '../../proxy/policy-action.ts';
import { accept } from '../../proxy/policy-action.ts';
import type { HttpOptions } from './http-options.ts';
import type { HttpRequest } from './rules/http-request.ts';

/** By what name the client asked by TLS, and what the server showed. */
interface Agreed {
  readonly name?: string;
  readonly peer?: PeerCertificate;
  /** The router lets the protocol choose the server. */
  readonly targetAddressInband?: boolean;
}

interface Outcome {
  /** Requests that the server got. */
  readonly passed: number;
  /** The first line of what the client got last. */
  readonly answer: string;
  readonly logged: readonly string[];
  readonly noted: readonly string[];
}

/** Asks for these hosts, one after the other, or for whole URLs without a Host. */
function ask(hosts: readonly string[], agreed: Agreed, options: HttpOptions = {}): Outcome {
  const { name, peer, targetAddressInband = false } = agreed;
  const noted: string[] = [];
  const session: Partial<ProxySession> = {
    // Only one attribute is asked for, and it has this type.
    get: <Value>(key: Attribute<Value>) => (key === tlsServerName ? name : undefined) as Value,
    tls: {
      client: sampleTlsFacts({ serverName: name }),
      server: sampleTlsFacts({ serverName: name, peer }),
    },
    targetAddressInband,
    warn: (code) => !noted.includes(code) && noted.push(code) > 0,
  };
  const engine = httpEngine({ permitProxyRequests: true, logRequests: false, ...options }, session);
  const actions = [...engine.handle(started())];
  for (const host of hosts) {
    const head = host.includes('/') ? `GET ${host} HTTP/1.0` : `GET / HTTP/1.1\r\nHost: ${host}`;
    const did = engine.handle(received('client', `${head}\r\n\r\n`));
    actions.push(...did);
    if (did.some(({ type }) => type === 'connect')) actions.push(...engine.handle(connected()));
    actions.push(...engine.handle(received('server', OK)));
  }
  const sent = (to: string): readonly string[] =>
    actions.flatMap((action) =>
      action.type === 'send' && action.to === to ? [String(Buffer.from(action.bytes))] : [],
    );
  const logged = actions.flatMap((action) => (action.type === 'log' ? [action.code] : []));
  const [answer = ''] = sent('client').at(-1)?.split('\r\n') ?? [];
  return { passed: sent('server').length, answer, logged, noted };
}

const MISNAMED = 'http.server-name-mismatch';
const UNCOVERED = 'http.server-certificate-mismatch';

describe('httpProxy, the server that TLS was agreed on for', () => {
  it('is the one that is asked for inside', () => {
    const { passed, noted } = ask(['A.example', 'a.example:443'], { name: 'a.example' });
    assert.deepEqual([passed, noted], [2, []]);
    const { answer, passed: none } = ask(['b.example'], { name: 'a.example' });
    assert.deepEqual([none, answer], [0, 'HTTP/1.1 421 Misdirected Request']);
    const later = ask(['a.example', 'b.example'], { name: 'a.example' });
    assert.deepEqual([later.passed, later.answer], [1, 'HTTP/1.1 421 Misdirected Request']);
  });

  it('is the one of a whole URL, too, which old clients ask for without a Host', () => {
    const good = ask(['https://a.example/'], { name: 'a.example' }, { defaultPort: 443 });
    assert.equal(good.passed, 1);
    const bad = ask(['https://b.example/'], { name: 'a.example' }, { defaultPort: 443 });
    assert.deepEqual([bad.passed, bad.answer], [0, 'HTTP/1.1 421 Misdirected Request']);
  });

  it('may be another one where the policy permits that, which is noted once', () => {
    const hosts = ['b.example', 'c.example'];
    const warned = ask(hosts, { name: 'a.example' }, { checkServerName: 'warn' });
    assert.deepEqual(warned.noted, [MISNAMED]);
    assert.deepEqual([warned.passed, warned.logged], [2, [MISNAMED]]);
    const off = ask(hosts, { name: 'a.example' }, { checkServerName: 'off' });
    assert.deepEqual([off.passed, off.logged, off.noted], [2, [], []]);
  });

  it('has shown a certificate for the host of the request', () => {
    const peer = samplePeer({ names: ['a.example', '*.shop.example'] });
    for (const host of ['a.example', 'x.shop.example'])
      assert.equal(ask([host], { peer }).passed, 1, host);
    const { answer, passed } = ask(['b.example'], { peer });
    assert.deepEqual([passed, answer], [0, 'HTTP/1.1 421 Misdirected Request']);
    const warned = ask(['b.example'], { peer }, { checkServerName: 'warn' });
    assert.deepEqual([warned.passed, warned.noted], [1, [UNCOVERED]]);
    const both = ask(['b.example'], { peer, name: 'a.example' }, { checkServerName: 'warn' });
    assert.deepEqual(both.noted, [MISNAMED, UNCOVERED]);
  });

  it('has shown a certificate for the host of every later request, too', () => {
    const peer = samplePeer({ names: ['a.example', '*.shop.example'] });
    const good = ask(['a.example', 'x.shop.example', 'a.example'], { peer });
    assert.deepEqual([good.passed, good.noted], [3, []]);
    const { answer, passed } = ask(['a.example', 'b.example'], { peer });
    assert.deepEqual([passed, answer], [1, 'HTTP/1.1 421 Misdirected Request']);
    const warned = ask(
      ['a.example', 'b.example', 'c.example'],
      { peer },
      { checkServerName: 'warn' },
    );
    assert.deepEqual([warned.passed, warned.noted, warned.logged], [3, [UNCOVERED], [UNCOVERED]]);
  });

  it('needs no such certificate where the policy asks for no name', () => {
    const peer = samplePeer({ names: [], isNameChecked: false });
    assert.equal(ask(['b.example'], { peer }).passed, 1);
  });

  it('needs no certificate for a host that the policy itself directs elsewhere', () => {
    const peer = samplePeer({ names: ['a.example'] });
    const directed = ({ headers }: HttpRequest): Accept => {
      headers.set('Host', 'a.example');
      return accept();
    };
    assert.equal(ask(['b.example'], { peer }, { request: { GET: directed } }).passed, 1);
    const parentProxy = { host: 'a.example', port: 3128 };
    const throughParent = { peer, targetAddressInband: true };
    assert.equal(ask(['b.example'], throughParent, { parentProxy }).passed, 1);
    assert.equal(ask(['b.example'], throughParent, { targetPorts: '80' }).passed, 0);
  });

  it('is no matter of a proxy that is reached by TLS', () => {
    const explicit = { mode: 'explicit', permitServerRequests: true } as const;
    const peer = samplePeer({ names: ['proxy.example'] });
    assert.equal(ask(['b.example'], { name: 'proxy.example', peer }, explicit).passed, 1);
  });
});
