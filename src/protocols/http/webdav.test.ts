import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { begun, GET, WEB } from '../../../test/support/http-dialogue.ts';
import { connect, hold, received } from '../../../test/support/playbook.ts';
import { accept, reject } from '../../proxy/policy-action.ts';
import { webdavMethods } from './webdav.ts';

describe('webdavMethods()', () => {
  it('lets the methods of WebDAV pass', () => {
    begun({ request: { GET: accept(), ...webdavMethods() } })
      .when(received('client', GET.replace('GET', 'PROPFIND')))
      .expect(hold('client'), connect(WEB));
    assert.equal(Object.keys(webdavMethods()).length, 10);
  });

  it('gives them all another rule', () => {
    const rule = reject('read only');
    assert.equal(webdavMethods(rule)['LOCK'], rule);
  });
});
