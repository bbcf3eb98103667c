import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { begun, GET, httpEngine, page, WEB } from '../../../../test/support/http-dialogue.ts';
import {
  close,
  connect,
  connected,
  elapsed,
  end,
  hold,
  playbook,
  received,
  send,
  sendLike,
  started,
} from '../../../../test/support/playbook.ts';
import { accept, abort, reject } from '../../../proxy/policy-action.ts';
import { declare } from '../../../proxy/policy-fault.ts';
import type { UrlCategories } from '../../../proxy/url-categories.ts';
import { plugProxy } from '../../plug/index.ts';
import { redirect } from '../rules/answer.ts';
import type { CategoryRule } from './category-settings.ts';
import type { HttpOptions } from '../http-options.ts';

function factory(): void {
  assert.fail('only its name counts');
}

/** Categories by the first label of the host; lists.txt has a line of its own for each. */
function categories(...names: string[]): UrlCategories {
  const made: UrlCategories = {
    kind: 'url-categories',
    names,
    has: (name, { host }) => host.split('.')[0]?.includes(name) === true,
    placeOf: (name) => `lists.txt:${names.indexOf(name) + 1}`,
  };
  return declare(made, factory);
}

const KNOWN = categories('web', 'ads', 'eb');

function filtered(urlCategory: Readonly<Record<string, CategoryRule>>): HttpOptions {
  return { urlCategories: KNOWN, urlCategory };
}

function refuses(options: HttpOptions, status: number, text: RegExp, request = GET): void {
  const answer = page(status, 'http.category-refused');
  begun(options)
    .when(received('client', request))
    .expect(sendLike('client', answer), end('client'));
  const [told] = httpEngine(options)
    .handle({ type: 'received', from: 'client', bytes: Buffer.from(request) })
    .flatMap((action) =>
      action.type === 'send' ? [Buffer.from(action.bytes).toString('latin1')] : [],
    );
  assert.match(told ?? '', text);
}

function permits(options: HttpOptions): void {
  begun(options)
    .when(received('client', GET))
    .expect(hold('client'), connect(WEB))
    .when(connected())
    .expect(send('server', GET));
}

describe('the filter by category', () => {
  it('refuses with the category and the line of the list, in the page and in the log', () => {
    refuses(filtered({ web: reject('No surfing') }), 403, /No surfing \(web, lists\.txt:1\)/);
    refuses(filtered({ web: reject() }), 403, /Addresses of this category are not permitted/);
    const actions = httpEngine(filtered({ web: reject() })).handle({
      type: 'received',
      from: 'client',
      bytes: Buffer.from(GET),
    });
    const lines = actions.flatMap((action) => (action.type === 'log' ? [action] : []));
    const line = lines.find(({ code }) => code === 'http.category-refused');
    assert.ok(line?.level === 'policy');
    assert.match(line.message, /\(web, lists\.txt:1\)$/);
  });

  it('refuses with another status', () => {
    refuses(filtered({ web: reject('For legal reasons', 451) }), 451, /For legal reasons/);
  });

  it('redirects', () => {
    begun(filtered({ web: redirect('http://info.example/why') }))
      .when(received('client', GET))
      .expect(
        sendLike('client', /^HTTP\/1\.1 302 Found\r\nLocation: http:\/\/info\.example\/why\r\n/),
      );
  });

  it('goes by the first line that has one of the categories', () => {
    permits(filtered({ web: accept(), eb: reject() }));
    refuses(filtered({ eb: reject(), web: accept() }), 403, /\(eb, lists\.txt:3\)/);
  });

  it('takes the star for what is of no listed category', () => {
    refuses(filtered({ ads: accept(), '*': reject() }), 403, /in no category that is permitted/);
    permits(filtered({ '*': reject(), web: accept() }));
    permits(filtered({ ads: reject() }));
    refuses({ urlCategory: { '*': reject('Closed') } }, 403, /Closed/);
  });

  it('ends with the verdict of what refuses', () => {
    const verdicts = { web: abort(), eb: reject() };
    for (const [name, verdict] of [
      ['web', 'aborted-by-policy-action'],
      ['eb', 'denied-by-policy'],
    ] as const)
      begun(filtered({ [name]: verdicts[name] }))
        .given(received('client', GET))
        .when(elapsed('http'))
        .expect(close(verdict, 'http.category-refused'));
  });

  it('sees what CONNECT asks for as https', () => {
    const seen: string[] = [];
    const made: UrlCategories = {
      kind: 'url-categories',
      names: ['x'],
      has: (_, { text, host }) => seen.push(`${text} ${host}`) > 0,
      placeOf: () => undefined,
    };
    const connectTo = { kind: 'service', name: 'tunnel', proxy: plugProxy() } as const;
    refuses(
      {
        urlCategories: declare(made, factory),
        urlCategory: { x: reject() },
        connect: connectTo,
        mode: 'explicit',
      },
      403,
      /\(x\)/,
      'CONNECT web.example:443 HTTP/1.1\r\nHost: web.example:443\r\n\r\n',
    );
    assert.equal(seen[0], 'https://web.example/ web.example');
  });

  it('shows functions of the policy the categories of the URL as it is now', () => {
    const seen: (readonly string[])[] = [];
    const options: HttpOptions = {
      urlCategories: KNOWN,
      request: {
        GET: (request) => {
          seen.push(request.categories);
          request.url = 'http://ads.example/';
          seen.push(request.categories);
          return accept();
        },
      },
    };
    playbook(httpEngine(options)).given(started(), received('client', GET));
    assert.deepEqual(seen, [['web', 'eb'], ['ads']]);
  });

  it('is asked again about a URL that a function of the policy has set', () => {
    const options: HttpOptions = {
      ...filtered({ ads: reject() }),
      request: {
        GET: (request) => {
          request.url = 'http://ads.example/';
          return accept();
        },
      },
    };
    refuses(options, 403, /\(ads, lists\.txt:2\)/);
  });
});
