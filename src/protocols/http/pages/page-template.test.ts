import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PageValues } from './page-template.ts';
import { escapeHtml, MAX_PAGE_LENGTH, PageTemplate } from './page-template.ts';

const VALUES: PageValues = {
  INFO: 'No <b>entry</b>',
  REASON: 'http.url-blocked',
  STATUS: '403',
  TITLE: 'Refused',
  ADVICE: 'Ask "us"',
  METHOD: 'GET',
  URL: 'http://a.example/?b&c',
  DATE: 'Sun, 06 Nov 1994 08:49:37 GMT',
};

function filled(text: string): string {
  const template = PageTemplate.read(text);
  assert.ok(template instanceof PageTemplate);
  return template.fill(VALUES);
}

describe('PageTemplate', () => {
  it('fills placeholders with texts that are only texts in HTML', () => {
    assert.equal(
      filled(
        '<h1>@STATUS@ @TITLE@</h1><p>@INFO@: @REASON@</p>@ADVICE@ <a title="@URL@">@METHOD@</a> @DATE@',
      ),
      '<h1>403 Refused</h1><p>No &lt;b&gt;entry&lt;/b&gt;: http.url-blocked</p>Ask &quot;us&quot; ' +
        '<a title="http://a.example/?b&amp;c">GET</a> Sun, 06 Nov 1994 08:49:37 GMT',
    );
  });

  it('leaves all else as it is, wherever it stands', () => {
    for (const text of [
      'no placeholder',
      'it@example.org and me@EXAMPLE.ORG',
      '@',
      '@@',
      '@OTHER@',
    ])
      assert.equal(filled(text), text);
    assert.equal(filled('@STATUS@@STATUS@'), '403403');
    assert.equal(filled(`${'x'.repeat(4_093)}@STATUS@`), `${'x'.repeat(4_093)}403`);
    assert.equal(filled('@A@STATUS@'), '@A@STATUS@');
  });

  it('never fills in what a value brings', () => {
    const template = PageTemplate.read('@INFO@');
    assert.ok(template instanceof PageTemplate);
    assert.equal(template.fill({ ...VALUES, INFO: '@URL@' }), '@URL@');
  });

  it('tells what is wrong, with the line', () => {
    for (const name of ['HOST', 'VERSION']) {
      const [fault] = [PageTemplate.read(`<p>\n\n@${name}@`)].flat();
      assert.ok(fault !== undefined && !(fault instanceof PageTemplate));
      assert.deepEqual([fault.line, fault.value], [3, `"@${name}@"`]);
      assert.match(fault.cure, /^remove it/);
    }
    for (const [text, cure] of [
      [' \n', /write a page/],
      ['x'.repeat(MAX_PAGE_LENGTH + 1), /at most 65536 characters/],
    ] as const) {
      const [fault] = [PageTemplate.read(text)].flat();
      assert.ok(fault !== undefined && !(fault instanceof PageTemplate));
      assert.match(fault.cure, cure);
    }
  });
});

describe('escapeHtml()', () => {
  it('leaves no character that HTML reads', () => {
    assert.equal(
      escapeHtml(`<a href="x" id='y'>&`),
      '&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;',
    );
  });
});
