import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { needs } from '../../test/support/needs.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { switchCommand, trySwitch } from './switch-user.ts';

const user = { name: 'nobody', uid: 65534, gid: 65534 };

describe('switchCommand()', () => {
  it('keeps the named capabilities in every set, and the user can gain no others', () => {
    const command = switchCommand({ user, capabilities: ['net_admin', 'net_bind_service'] });
    const kept = '-all,+net_admin,+net_bind_service';
    assert.deepEqual(command, [
      ...['setpriv', '--reuid=65534', '--regid=65534', '--init-groups'],
      ...[`--inh-caps=${kept}`, `--ambient-caps=${kept}`, `--bounding-set=${kept}`],
      ...['--no-new-privs', '--pdeathsig=keep', '--'],
    ]);
  });

  it('takes another group, and no capability at all', () => {
    const group = { name: 'daemon', gid: 1 };
    const command = switchCommand({ user, group, capabilities: [] });
    assert.ok(command.includes('--regid=1'));
    assert.ok(command.includes('--bounding-set=-all'));
  });
});

describe('trySwitch()', needs('root', 'setpriv'), () => {
  it('finds what that user cannot read', (context) => {
    const folder = temporaryFolder(context, 'switch');
    const file = join(folder, 'a "file"');
    writeFileSync(file, '', { mode: 0o600 });
    const trial = trySwitch({ user, capabilities: ['net_admin'] }, ['/etc/passwd', file]);
    assert.deepEqual(trial, { ok: true, unreadable: [file] });
  });

  it('says why it cannot be done', (context) => {
    const nobodyAtAll = { user: { ...user, uid: 2 ** 32 - 1 }, capabilities: [] };
    const refused = trySwitch(nobodyAtAll, []);
    assert.equal(refused.ok, false);
    assert.match(refused.error, /setpriv/);
    const path = process.env['PATH'];
    context.after(() => (process.env['PATH'] = path));
    process.env['PATH'] = '/nowhere';
    const missing = trySwitch({ user, capabilities: [] }, []);
    assert.match(missing.ok ? '' : missing.error, /setpriv ENOENT/);
  });
});
