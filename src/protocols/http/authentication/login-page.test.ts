import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LoginPage } from './login-page.ts';
import { loginPage } from './login-page.ts';

function textOf(page: Partial<LoginPage>): string {
  const whole = { language: 'en', realm: 'Zorp', ticket: 't', isRepeated: false, ...page } as const;
  return Buffer.from(loginPage(whole, 'no').body).toString();
}

describe('loginPage()', () => {
  it('is a form in three languages', () => {
    for (const language of ['en', 'de', 'hu'] as const) {
      const text = textOf({ language });
      assert.match(text, new RegExp(`<html lang="${language}">`));
      assert.match(text, /<form method="post" action="\/\.well-known\/zorp-login"/);
      for (const name of ['user', 'password', 'ticket'])
        assert.equal(text.split(`name="${name}"`).length, 2);
    }
    assert.notEqual(textOf({ language: 'de' }), textOf({ language: 'hu' }));
  });

  it('says that the login did not fit', () => {
    assert.match(textOf({ isRepeated: true }), /do not fit/);
    assert.doesNotMatch(textOf({ isRepeated: false }), /do not fit/);
  });

  it('is only text where texts stand', () => {
    const text = textOf({ realm: '<script>', ticket: '"><script>' });
    assert.doesNotMatch(text, /<script/);
    assert.match(text, /&lt;script&gt;/);
  });

  it('is for nobody else, in no frame, and in no cache', () => {
    const page = { language: 'en', realm: 'Zorp', ticket: 't', isRepeated: false } as const;
    const { status, fields, reason } = loginPage(page, 'authentication.required');
    assert.equal(status, 511);
    assert.equal(reason, 'authentication.required');
    assert.match(fields, /Cache-Control: no-store\r\n/);
    assert.match(fields, /default-src 'none'; .*; frame-ancestors 'none'; base-uri 'none'\r\n/);
  });

  it('lets a browser go on to a page that leads to another host', () => {
    const page = { language: 'en', realm: 'Zorp', ticket: 't', isRepeated: false } as const;
    assert.doesNotMatch(loginPage(page, 'authentication.required').fields, /form-action/);
  });
});
