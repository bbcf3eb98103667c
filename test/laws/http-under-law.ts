// HTTP under the laws.

import { abort, accept, drop, reject } from '../../src/proxy/policy-action.ts';
import type { HttpOptions } from '../../src/protocols/http/index.ts';
import {
  answer,
  changeRegexp,
  changeValue,
  httpDetector,
  httpProxy,
  insert,
  redirect,
} from '../../src/protocols/http/index.ts';
import { plugProxy } from '../../src/protocols/plug/index.ts';
import { sshDetector } from '../../src/protocols/ssh/index.ts';
import { tlsDetector } from '../../src/protocols/tls/index.ts';
import type { ProxyFactory, StackableService } from '../../src/proxy/engine.ts';
import { httpDialogues, WEBSOCKET_ANSWER, WEBSOCKET_REQUEST } from '../support/arbitraries-http.ts';
import { longHttpDialogues } from '../support/long-http-dialogues.ts';
import type { FakeLogins } from '../support/fake-authenticator.ts';
import { FakeAuthenticator } from '../support/fake-authenticator.ts';
import { client, server } from '../support/dialogue.ts';
import { failed, settled } from '../support/settled.ts';
import { inband } from './inband.ts';
import type { ProxyUnderLaw } from './proxy-under-law.ts';
import { urlCategories } from '../../src/policy/url-categories.ts';

/** Nothing is refused that HTTP allows. */
const OPEN: HttpOptions = {
  permitServerRequests: true,
  permitProxyRequests: true,
  targetPorts: '1-65535',
  request: { '*': accept() },
};

const AGAIN: HttpOptions = {
  rerequestAttempts: 3,
  rerequestMethods: ['GET', 'HEAD', 'PUT', 'DELETE', 'POST', 'BREW'],
};

const TUNNEL: StackableService = { kind: 'service', name: 'tunnel', proxy: plugProxy() };
const CHILD = { kind: 'service', name: 'scanner', proxy: plugProxy() } as const;

const GET = 'GET / HTTP/1.1\r\nHost: a.example\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: a.example\r\n';

/** A proxy whose service has users; nobody in the dialogues knows a password. */
function asking(options: HttpOptions, logins: FakeLogins = {}): ProxyFactory {
  const proxy = httpProxy(options);
  return {
    ...proxy,
    create: (context) => proxy.create({ ...context, authenticator: new FakeAuthenticator(logins) }),
  };
}

/** HTTP. */
export const HTTP: ProxyUnderLaw = {
  name: 'http',
  variants: {
    default: httpProxy(),
    open: httpProxy(OPEN),
    explicit: httpProxy({ ...OPEN, mode: 'explicit', language: 'de' }),
    tunnel: httpProxy({
      ...OPEN,
      connect: { kind: 'service', name: 'tunnel', proxy: plugProxy() },
      request: { '*': accept(), CONNECT: accept() },
    }),
    'policies with promises': httpProxy({
      ...OPEN,
      request: { '*': () => settled(accept()) },
      response: { '*': { '*': () => settled(accept()), 404: () => settled(reject('gone')) } },
    }),
    'policies that fail': httpProxy({
      ...OPEN,
      request: { GET: accept(), '*': () => failed(new Error('no database')) },
      response: { '*': { 4: () => abort('no'), 5: reject() } },
    }),
    'changed headers': httpProxy({
      ...OPEN,
      requestHeader: { Cookie: drop(), 'User-Agent': abort() },
      responseHeader: { 'Set-Cookie': drop(), 'X-Inserted': insert('yes') },
    }),
    'changed headers with promises': httpProxy({
      ...OPEN,
      trailers: 'keep',
      earlyHints: 'pass',
      requestHeader: {
        'User-Agent': () => settled(changeValue(() => settled('nobody'))),
        Cookie: () => settled(abort('no')),
        'X-Inserted': insert(() => settled('yes')),
      },
      responseHeader: {
        'Set-Cookie': () => settled(drop()),
        Server: () => failed(new Error('no database')),
        '*': () => settled(accept()),
      },
      requestStack: { POST: () => settled({ data: CHILD }) },
      responseStack: { '*': () => settled('none') },
      stacks: [CHILD],
    }),
    'answers of the policy': httpProxy({
      ...OPEN,
      request: {
        GET: ({ url }) => (url.path.length % 2 === 0 ? answer({ body: 'even' }) : accept()),
        HEAD: answer({ status: 204 }),
        POST: () => settled(redirect('/elsewhere')),
        '*': accept(),
      },
      response: {
        '*': { '2': () => settled(answer({ body: 'instead' })), '4': redirect('/'), '*': accept() },
      },
      responseHeader: { Location: changeRegexp('[a-f]+', '<$&>') },
    }),
    'changed messages': httpProxy({
      ...OPEN,
      urlFilter: { block: (url) => url.endsWith('/blocked') },
      request: {
        '*': (request) => {
          if (request.url.path.startsWith('/')) request.url = { path: '/changed', query: 'a' };
          request.headers.set('X-A', request.headers.get('user-agent') ?? 'none');
          if (request.method === 'POST') request.method = 'PUT';
          return settled(accept());
        },
        PUT: (request) => {
          request.url = { path: '/blocked' };
          return accept();
        },
      },
      response: {
        '*': {
          '*': (response) => {
            response.headers.delete('Server');
            response.reason = 'changed';
            return accept();
          },
          '4': (response, request) => {
            response.status = 599;
            response.headers.append('X-Path', request.url.path);
            return settled(accept());
          },
        },
      },
    }),
    'tunnels by first bytes': httpProxy({
      ...OPEN,
      connect: {
        443: { detect: [{ detector: tlsDetector(), service: TUNNEL }] },
        '*': {
          detect: [
            { detector: httpDetector(), service: TUNNEL },
            { detector: sshDetector(), service: TUNNEL },
          ],
          service: TUNNEL,
        },
      },
    }),
    'tunnels by a function': httpProxy({
      ...OPEN,
      stacks: [TUNNEL],
      connect: ({ host }) => settled(host.startsWith('a') ? TUNNEL : reject('No')),
    }),
    'other protocols': httpProxy({
      ...OPEN,
      upgrade: { websocket: accept(), irc: accept() },
      earlyHints: 'pass',
      via: { pseudonym: 'zorp' },
      forwarded: { write: 'both' },
    }),
    'other protocols, looked at': httpProxy({
      ...OPEN,
      mode: 'explicit',
      stacks: [TUNNEL],
      upgrade: { websocket: TUNNEL, irc: () => settled(TUNNEL) },
      via: 'drop',
      forwarded: 'keep',
    }),
    'URLs as received': httpProxy({
      ...OPEN,
      mode: 'explicit',
      useCanonicalizedUrls: false,
      permitUnicodeUrl: true,
      permitInvalidHexEscape: true,
      permitUserInfo: true,
    }),
    'known headers': httpProxy({ ...OPEN, strictHeaderChecking: true }),
    'known headers only': httpProxy({
      ...OPEN,
      strictHeaderChecking: true,
      strictHeaderCheckingAction: abort('unknown'),
    }),
    'answers without length as they come': httpProxy({ ...OPEN, rechunk: false }),
    'old servers': httpProxy({ ...OPEN, permitHttp09Responses: true, permitNullResponse: true }),
    'old clients': httpProxy({
      ...OPEN,
      permitHttp09Requests: true,
      permitHttp09Responses: true,
      requireHostHeader: false,
    }),
    'old servers and promises': httpProxy({
      ...OPEN,
      permitHttp09Responses: true,
      permitNullResponse: true,
      response: { '*': { '*': () => settled(accept()) } },
    }),
    'bodies through children': httpProxy({
      ...OPEN,
      requestStack: { POST: { data: CHILD }, PUT: { mime: CHILD }, '*': () => ({ mime: CHILD }) },
      responseStack: { GET: { data: CHILD }, HEAD: { mime: CHILD }, '*': () => ({ data: CHILD }) },
      stacks: [CHILD],
    }),
    'bodies of responses through a child, in any coding': httpProxy({
      ...OPEN,
      responseStack: { '*': { mime: CHILD } },
      undecodableBodies: 'pass',
    }),
    'bodies through children that functions choose': httpProxy({
      ...OPEN,
      request: { '*': () => settled(accept()) },
      response: { '*': { '2': () => settled(accept()), '*': accept() } },
      requestStack: { PUT: () => settled({ data: CHILD }), '*': () => settled('none') },
      responseStack: { '*': ({ status }) => settled(status === 404 ? 'none' : { data: CHILD }) },
      stacks: [CHILD],
    }),
    'trailers and bodies that are cut': httpProxy({
      ...OPEN,
      trailers: 'keep',
      maxBodyLength: 12,
      bodyTooLong: 'cut',
      requestHeader: { 'X-Sum': drop() },
    }),
    'requests that are sent again': httpProxy({ ...OPEN, ...AGAIN }),
    'requests that are sent again, if they are short': httpProxy({
      ...OPEN,
      ...AGAIN,
      maxSpooledBytes: 12,
      shareServerConnections: true,
      trailers: 'keep',
    }),
    'requests that are sent again as a child made them': httpProxy({
      ...OPEN,
      ...AGAIN,
      requestStack: { POST: { data: CHILD }, PUT: { mime: CHILD } },
    }),
    'bodies that must come fast': httpProxy({ ...OPEN, minBodyRate: 1_000_000_000 }),
    'bodies that must come at all': httpProxy({ ...OPEN, ...AGAIN, minBodyRate: 1 }),
    'bodies that may be slow': httpProxy({ ...OPEN, minBodyRate: 0 }),
    'lists of URLs': httpProxy({
      ...OPEN,
      urlFilter: {
        block: (url) => url.length % 3 === 0,
        permitHosts: (host) => host.startsWith('a'),
        blockHosts: (host) => {
          if (host.includes('c')) throw new Error('no list');
          return host.includes('b');
        },
      },
    }),
    'categories of URLs': httpProxy({
      ...OPEN,
      urlCategories: urlCategories({
        odd: { urls: (url) => url.length % 2 === 1 },
        few: { domains: (host) => host.includes('c'), urls: (url) => url.includes('?') },
      }),
      urlCategory: { few: redirect('/few'), odd: accept(), '*': reject('Even', 410) },
    }),
    'shared server connections': httpProxy({ ...OPEN, shareServerConnections: true }),
    'a parent proxy': inband(
      httpProxy({
        ...OPEN,
        mode: 'explicit',
        connect: { kind: 'service', name: 'tunnel', proxy: plugProxy() },
        request: { '*': accept(), CONNECT: accept() },
        parentProxy: {
          host: 'proxy.example',
          credentials: { user: 'me', password: 'secret' },
          except: (host) => host.startsWith('b'),
        },
      }),
    ),
    'users of a form': asking(
      { ...OPEN, authentication: { form: true, forward: 'Authorization' } },
      { isLate: true },
    ),
    'users who are known': asking(OPEN, {
      known: { type: 'accepted', identity: { user: 'alice', groups: [] } },
    }),
    'low limits': httpProxy({
      ...OPEN,
      maxBodyLength: 20,
      maxChunkLength: 10,
      maxKeepaliveRequests: 2,
      maxHeaderLines: 5,
      maxLineLength: 100,
      maxHeadBytes: 300,
      errorSilent: true,
    }),
  },
  refusing: {
    'reject all': httpProxy({ ...OPEN, request: { '*': reject('No') } }),
    'abort all': httpProxy({ ...OPEN, request: { '*': abort('No') } }),
    'nothing listed': httpProxy({ ...OPEN, request: {} }),
    'blocked URLs': httpProxy({ ...OPEN, urlFilter: { block: () => true } }),
    'nothing on the white list': httpProxy({ ...OPEN, urlFilter: { permitHosts: () => false } }),
    'a category of all URLs': httpProxy({
      ...OPEN,
      urlCategories: urlCategories({ all: { urls: () => true } }),
      urlCategory: { all: reject('No', 451) },
    }),
    'a list that fails': httpProxy({
      ...OPEN,
      urlFilter: {
        blockHosts: () => {
          throw new Error('No');
        },
      },
    }),
    'change to what is blocked': httpProxy({
      ...OPEN,
      connect: { kind: 'service', name: 'tunnel', proxy: plugProxy() },
      urlFilter: { blockHosts: (host) => host === 'blocked.example' },
      request: {
        '*': (request) => {
          request.url = { host: 'blocked.example' };
          return accept();
        },
      },
    }),
    'answer all': httpProxy({ ...OPEN, request: { '*': answer({ status: 404 }) } }),
    'answer later': httpProxy({ ...OPEN, request: { '*': () => settled(redirect('/')) } }),
    'nobody has a password': asking({ ...OPEN, mode: 'explicit' }),
    'nobody fills the form in': asking({ ...OPEN, authentication: { form: true } }),
    'nobody is permitted': asking(OPEN, {
      known: { type: 'denied', reason: 'authorization.refused', message: 'No' },
    }),
    'reject later': httpProxy({ ...OPEN, request: { '*': () => settled(reject('No')) } }),
    'fail later': httpProxy({ ...OPEN, request: { '*': () => failed(new Error('No')) } }),
    fail: httpProxy({
      ...OPEN,
      request: {
        '*': () => {
          throw new Error('No');
        },
      },
    }),
  },
  asking: (isAccepted) =>
    httpProxy({
      ...OPEN,
      connect: { kind: 'service', name: 'tunnel', proxy: plugProxy() },
      request: { '*': () => (isAccepted() ? accept() : reject('No')) },
    }),
  dialogues: httpDialogues,
  longDialogues: longHttpDialogues,
  intricate: [
    'bodies through children',
    'bodies through children that functions choose',
    'bodies of responses through a child, in any coding',
    'requests that are sent again as a child made them',
  ],
  timers: ['http', 'http.rate', 'http.share', 'transfer.idle'],
  beginnings: [
    [],
    [client('GET /')],
    [client(GET)],
    [client(`${GET}\r\n`)],
    [client(`${POST}Transfer-Encoding: chunked\r\n\r\n`)],
    [client(`${POST}Content-Length: 9000000\r\n\r\n`)],
    [client(`${GET}\r\n`), server('HTTP/1.1 200 OK\r\n')],
    [client(`${GET}\r\n`), server('HTTP/1.1 200 OK\r\n\r\n')],
    [client(`${GET}\r\n`), server('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')],
    [client(`${POST}Transfer-Encoding: chunked\r\n\r\n0\r\n`)],
    [
      client(
        'POST /.well-known/zorp-login HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9000\r\n\r\n',
      ),
    ],
    [client('CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n')],
    [client('CONNECT b.example:8080 HTTP/1.1\r\nHost: b.example\r\n\r\nSSH-2.0-')],
    [client(WEBSOCKET_REQUEST), server(WEBSOCKET_ANSWER)],
  ],
  pieces: [
    `${GET}\r\n`,
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    '1\r\nA\r\n',
    '00000000',
    '1;a=b',
    ' folded\r\n',
  ],
  // A head, the bytes of one read that came while the engine was busy, and what the parser makes of both.
  maxHeldBytes: 4 * 65_536,
};
