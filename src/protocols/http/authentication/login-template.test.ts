import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAtOnce } from '../../../../test/support/read-at-once.ts';
import { takeLiveInputs } from '../../../proxy/live-input.ts';
import { httpProxy } from '../index.ts';
import { LoginTemplate } from './login-template.ts';

const PAGE = `<h1>@TITLE@</h1><p title="@REALM@">@MESSAGE@ @OTHER@</p>
<form method="post" action="@ACTION@">
<input name="user"><input type='password' name='password'><input type=hidden name=ticket value="@TICKET@">
</form>`;
const VALUES = {
  ACTION: '/.well-known/zorp-login',
  TICKET: 'a"b',
  REALM: '<realm>',
  TITLE: 'Log in',
  MESSAGE: 'Why & how',
};

/** The template of one page, and what is wrong with it. */
function read(text: string): { template: LoginTemplate; cures: readonly string[] } {
  const template = new LoginTemplate('pages', 'hu');
  const [file] = template.files;
  assert.equal(file?.path, 'pages/hu/login.html');
  return { template, cures: readAtOnce(file, text).map(({ cure }) => cure) };
}

describe('LoginTemplate', () => {
  it('is not there where there is no directory: then the built-in page is shown', () => {
    const template = new LoginTemplate(undefined, 'en');
    assert.deepEqual([template.files, template.fill(VALUES)], [[], undefined]);
  });

  it('must be there where there is a directory', () => {
    assert.equal(new LoginTemplate('pages', 'en').files[0]?.missing, undefined);
  });

  it('is filled in, and all that is filled in is only text', () => {
    const { template, cures } = read(PAGE);
    assert.deepEqual(cures, []);
    const text = template.fill(VALUES) ?? '';
    assert.match(text, /^<h1>Log in<\/h1><p title="&lt;realm&gt;">Why &amp; how @OTHER@<\/p>/);
    assert.match(text, /action="\/\.well-known\/zorp-login"/);
    assert.match(text, /value="a&quot;b"/);
  });

  it('is the built-in one again when what was read is given up', () => {
    const { template } = read(PAGE);
    assert.notEqual(template.fill(VALUES), undefined);
    template.files[0]?.forget();
    assert.equal(template.fill(VALUES), undefined);
  });

  it('has faults with which nobody could log in', () => {
    for (const [from, to, cure] of [
      ['action="@ACTION@"', 'action="/login"', /sent to where the login is taken/],
      ['method="post"', '', /method="post"/],
      ['name="user"', 'name="username"', /field for the name/],
      ["name='password'", "id='password'", /field for the password/],
      ['name=ticket', 'name=tickets', /field that comes back/],
      ['value="@TICKET@"', '', /its value/],
    ] as const) {
      const { template, cures } = read(PAGE.replace(from, to));
      assert.equal(cures.length, 1, to);
      assert.match(cures[0] ?? '', cure);
      assert.equal(template.fill(VALUES), undefined);
    }
    assert.match(read(' ').cures.join(), /write a page/);
    assert.match(read('a'.repeat(65_537)).cures.join(), /65536 characters/);
  });

  it('stays as it was when a faulty one takes its place', () => {
    const { template } = read(PAGE);
    const [file] = template.files;
    assert.ok(file);
    assert.equal(readAtOnce(file, 'no form').length > 0, true);
    assert.match(template.fill(VALUES) ?? '', /Log in/);
  });

  it('belongs to the proxy that has a form', () => {
    takeLiveInputs();
    httpProxy({ authentication: { form: { directory: 'pages' } }, language: 'de' });
    assert.deepEqual(
      takeLiveInputs().map((one) => 'path' in one && one.path),
      ['pages/de/login.html'],
    );
    httpProxy({ authentication: { form: true } });
    assert.deepEqual(takeLiveInputs(), []);
  });
});
