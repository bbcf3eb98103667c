import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { begun, GET } from '../../../../test/support/http-dialogue.ts';
import { connected, received, send } from '../../../../test/support/playbook.ts';
import type { HttpOptions } from '../http-options.ts';
import { readSettings } from '../settings.ts';
import { DEFAULT_URL_SETTINGS } from './url-settings.ts';

const ODD = '/%7e/./%u4f60';

/** What the server gets for a request. */
function sent(request: string, options: HttpOptions, expected: string): void {
  begun(options)
    .given(received('client', request))
    .when(connected())
    .expect(send('server', expected));
}

describe('the settings about URLs', () => {
  it('are the strictest where nothing is said', () => {
    assert.deepEqual(DEFAULT_URL_SETTINGS, {
      useCanonicalizedUrls: true,
      permitUnicodeUrl: false,
      permitInvalidHexEscape: false,
      permitUserInfo: false,
    });
    const { useCanonicalizedUrls, permitUserInfo } = readSettings({}).settings;
    assert.deepEqual([useCanonicalizedUrls, permitUserInfo], [true, false]);
  });

  it('are true or false', () => {
    // @ts-expect-error -- this is what is refused
    const { faults } = readSettings({ permitUserInfo: 'yes' });
    assert.equal(faults[0]?.cure, 'give true or false');
  });

  it('send the path as it was received, in either form of the request', () => {
    const options = {
      useCanonicalizedUrls: false,
      permitUnicodeUrl: true,
      permitProxyRequests: true,
    } as const;
    const request = GET.replace('/a', ODD);
    sent(request, options, request);
    const whole = GET.replace('/a', `http://web.example${ODD}`);
    sent(whole, options, request);
  });

  it('show policies the canonical path, whatever is sent', () => {
    const seen: string[] = [];
    const options = {
      useCanonicalizedUrls: false,
      urlFilter: { block: (url: string) => seen.push(url) === 0 },
    } as const;
    const odd = GET.replace('/a', '/x/../%61?b');
    sent(odd, options, odd);
    assert.deepEqual(seen, ['http://web.example/a?b']);
  });

  it('drop user and password', () => {
    const options = { mode: 'explicit', permitUserInfo: true } as const;
    sent(GET.replace('/a', 'http://ann:s3c@web.example/a'), options, GET);
  });
});
