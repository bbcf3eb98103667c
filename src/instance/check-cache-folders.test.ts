import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { dynamicCertificate } from '../policy/certificate-source.ts';
import { definePolicy } from '../policy/define-policy.ts';
import { twoSidedEncryption } from '../policy/encryption.ts';
import { listener } from '../policy/listener.ts';
import type { Policy } from '../policy/policy.ts';
import { service } from '../policy/service.ts';
import { checkCacheFolders } from './check-cache-folders.ts';
import { PolicyLoadError } from './load-fault.ts';

describe('checkCacheFolders()', () => {
  const folder = temporaryFolder(suiteOwner(), 'cache');

  function policyWith(cacheDirectory: string | undefined): Policy {
    const authority = { certificate: 'ca.pem', privateKey: 'ca.key' };
    const clientCertificate = dynamicCertificate({
      authority,
      ...(cacheDirectory !== undefined && { cacheDirectory }),
    });
    const encryption = twoSidedEncryption({ clientCertificate });
    const names = ['one', 'two'];
    const services = names.map((name) => service(name, { proxy: idleProxy(), encryption }));
    const listeners = services.map((web, index) => listener(`127.0.0.1:${80 + index}`, web));
    return definePolicy({ zones: [], listeners });
  }

  async function faultOf(path: string | undefined, user?: number): Promise<string> {
    try {
      await checkCacheFolders(policyWith(path), user);
      return 'none';
    } catch (error) {
      assert.ok(error instanceof PolicyLoadError);
      assert.deepEqual(
        error.faults.map(({ code }) => code),
        ['policy.cache-directory'],
      );
      return error.message;
    }
  }

  it('takes a folder that only its owner may enter', async () => {
    assert.equal(await faultOf(undefined), 'none');
    assert.equal(await faultOf(folder), 'none');
    assert.equal(await faultOf(folder, statSync(folder).uid), 'none');
    assert.equal(await faultOf(folder, 0), 'none');
  });

  it('refuses any other, with the line, the value and the cure', async () => {
    const open = join(folder, 'open');
    mkdirSync(open);
    for (const [mode, text] of [
      [0o755, '0755'],
      [0o770, '0770'],
      [0o701, '0701'],
      [0o500, '0500'],
    ] as const) {
      chmodSync(open, mode);
      const said = await faultOf(open);
      assert.match(said, /check-cache-folders\.test\.ts:\d+:\d+: cacheDirectory ".*open" has mode/);
      assert.ok(said.includes(`${text}: let only its owner enter it: chmod 0700 ${open}`), said);
    }
    chmodSync(open, 0o700);
    const { uid } = statSync(open);
    assert.match(await faultOf(open, uid + 1), /belongs to the user \d+, and Zorp runs as .*chown/);
    assert.match(await faultOf(join(folder, 'none')), /is not there: make it.*install -d -m 0700/);
    const file = join(folder, 'file');
    writeFileSync(file, '', { mode: 0o700 });
    assert.match(await faultOf(file), /is no folder/);
    assert.match(await faultOf(join(file, 'below')), /cannot be used \(ENOTDIR\)/);
  });
});
