import assert from 'node:assert/strict';
import { it } from 'node:test';
import { testSession } from '../../test/support/test-session.ts';
import { tlsServerName } from './tls-server-name.ts';

it('tlsServerName is not there where no TLS was spoken', () => {
  assert.equal(testSession().get(tlsServerName), undefined);
});
