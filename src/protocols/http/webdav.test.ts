import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GET, quiet, WEB } from '../../../test/support/http-dialogue.ts';
import { connect, hold, received, started } from '../../../test/support/playbook.ts';
import { accept, reject } from '../../proxy/policy-action.ts';
import { webdavMethods } from './webdav.ts';

describe('webdavMethods()', () => {
  it('lets the methods of WebDAV pass', () => {
    quiet({ request: { GET: accept(), ...webdavMethods() } })
      .given(started())
      .when(received('client', GET.replace('GET', 'PROPFIND')))
      .expect(hold('client'), connect(WEB));
    assert.equal(Object.keys(webdavMethods()).length, 10);
  });

  it('gives them all another rule', () => {
    const rule = reject('read only');
    assert.equal(webdavMethods(rule)['LOCK'], rule);
  });
});
