import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_EXTENSIONS, extensionList } from './certificate-extensions.ts';

describe('extensionList', () => {
  function faultsOf(given: unknown): string {
    const { error } = extensionList.safeParse(given);
    return (
      error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n') ?? ''
    );
  }

  it('knows extensions by name and by number, each once', () => {
    assert.deepEqual(extensionList.parse([...DEFAULT_EXTENSIONS]), ['2.5.29.17', '2.5.29.37']);
    const list = ['2.5.29.17', 'subjectAltName', '1.3.6.1.4.1.99999.1', 'certificatePolicies'];
    const uuid = '2.25.340282366920938463463374607431768211455';
    assert.deepEqual(extensionList.parse([...list, uuid]), [
      ...['2.5.29.17', '1.3.6.1.4.1.99999.1', '2.5.29.32', uuid],
    ]);
  });

  it('refuses what would be wrong of the new certificate, whatever it is called', () => {
    const names = ['keyUsage', '2.5.29.15', 'basicConstraints', '2.5.29.30', 'tlsfeature'];
    for (const name of [...names, '1.3.6.1.4.1.11129.2.4.2'])
      assert.match(faultsOf(['subjectAltName', name]), /^1: leave it out/, name);
  });

  it('refuses names that mean nothing, and a list without names of servers', () => {
    for (const name of ['SubjectAltName', 'toString', '2', '3.1', '1.02', '1.2.', '', 7])
      assert.match(faultsOf(['subjectAltName', name]), /^1: give subjectAltName, /, String(name));
    assert.match(faultsOf([]), /^: add subjectAltName/);
    assert.match(faultsOf(['extendedKeyUsage']), /^: add subjectAltName/);
    assert.match(faultsOf('subjectAltName'), /give a list/);
    assert.match(faultsOf(Array(33).fill('subjectAltName')), /at most 32/);
  });
});
