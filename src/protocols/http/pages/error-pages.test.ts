import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { readAtOnce } from '../../../../test/support/read-at-once.ts';
import {
  end,
  playbook,
  received,
  sendLike,
  started,
  testContext,
} from '../../../../test/support/playbook.ts';
import { reject } from '../../../proxy/policy-action.ts';
import { takeLiveInputs } from '../../../proxy/live-input.ts';
import { ErrorPages } from './error-pages.ts';
import { httpProxy } from '../index.ts';

const OPTIONS = { directory: 'pages' };

/** The file of this name. */
function fileOf(pages: ErrorPages, name: string): ErrorPages['files'][number] {
  const file = pages.files.find(({ path }) => path.endsWith(`/${name}.html`));
  assert.ok(file !== undefined, name);
  return file;
}

describe('ErrorPages', () => {
  it('are built in where there is no directory', () => {
    const pages = new ErrorPages(undefined, 'de');
    assert.deepEqual([pages.files, pages.templateFor('policy')], [[], undefined]);
  });

  it('are in the folder of the language: one that must be there, and others that may', () => {
    const { files } = new ErrorPages(OPTIONS, 'hu');
    assert.equal(files[0]?.path, 'pages/hu/error.html');
    assert.equal(files[0].missing, undefined);
    assert.ok(files.some(({ path }) => path === 'pages/hu/request-timeout.html'));
    assert.ok(files.slice(1).every(({ missing }) => missing !== undefined));
  });

  it('are all in the documentation', () => {
    const path = join(import.meta.dirname, '../../../../docs/protocols/http.md');
    const documentation = readFileSync(path, 'utf8');
    const names = new ErrorPages(OPTIONS, 'en').files.map((file) => basename(file.path));
    assert.deepEqual(
      names.filter((name) => !documentation.includes(`\`${name}\``)),
      [],
    );
  });

  it('are read, changed and removed while they are used', () => {
    const pages = new ErrorPages(OPTIONS, 'en');
    const common = fileOf(pages, 'error');
    const policy = fileOf(pages, 'policy');
    assert.equal(pages.templateFor('policy'), undefined);
    assert.deepEqual(readAtOnce(common, 'common'), []);
    const first = pages.templateFor('policy');
    assert.equal(pages.templateFor('connect'), first);
    assert.deepEqual(readAtOnce(policy, 'own @INFO@'), []);
    assert.notEqual(pages.templateFor('policy'), first);
    assert.equal(pages.templateFor('connect'), first);
    assert.equal(readAtOnce(policy, '@HOST@')[0]?.value, '"@HOST@"');
    assert.notEqual(pages.templateFor('policy'), first);
    policy.missing?.();
    assert.equal(pages.templateFor('policy'), first);
    for (const file of pages.files) file.forget();
    assert.equal(pages.templateFor('policy'), undefined);
  });

  it('are shown by the proxy that has them', () => {
    takeLiveInputs();
    const proxy = httpProxy({ errorPages: OPTIONS, request: { GET: reject('No <games>') } });
    const [common] = takeLiveInputs();
    assert.ok(common?.kind === 'live-file');
    readAtOnce(common, '<p>@INFO@ @METHOD@ @URL@</p>');
    playbook(proxy.create(testContext()), { ignoring: ['log', 'timer'] })
      .given(started())
      .when(received('client', 'GET /%3Cb%3E HTTP/1.1\r\nHost: a\r\n\r\n'))
      .expect(
        sendLike(
          'client',
          /^HTTP\/1\.1 403 [^]*text\/html; charset=utf-8[^]*<p>No &lt;games&gt; GET http:\/\/a\/%3Cb%3E<\/p>$/,
        ),
        end('client'),
      );
  });

  it('are no files of a policy that does not load', () => {
    takeLiveInputs();
    httpProxy({ errorPages: OPTIONS, timeoutMs: 0 });
    assert.deepEqual(takeLiveInputs(), []);
  });
});
