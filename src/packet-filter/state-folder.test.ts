import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { suiteOwner } from '../../test/support/system-process.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { PacketFilterError } from './packet-filter-error.ts';
import { StateFolder } from './state-folder.ts';

const root = temporaryFolder(suiteOwner(), 'state');

let count = 0;
function fresh(): StateFolder {
  return new StateFolder(join(root, `place-${++count}`, 'of', 'state'));
}

function code(wanted: string) {
  return (error: unknown) => {
    assert.ok(error instanceof PacketFilterError, String(error));
    assert.equal(error.code, wanted);
    assert.match(error.message, /^[^\n]+: [^\n]+$/);
    return true;
  };
}

describe('StateFolder', () => {
  it('is made for its owner alone, whatever the umask', () => {
    const folder = fresh();
    assert.equal(folder.exists(), false);
    assert.deepEqual([folder.read('a'), folder.names()], [undefined, []]);
    const mask = process.umask(0o277);
    try {
      folder.open();
    } finally {
      process.umask(mask);
    }
    assert.equal(lstatSync(folder.path).mode & 0o777, 0o700);
    assert.equal(folder.exists(), true);
    folder.open();
  });

  it('keeps files, whole ones', () => {
    const folder = fresh();
    folder.open();
    folder.write('a', 'one');
    folder.write('a', 'two');
    assert.equal(folder.read('a'), 'two');
    assert.equal(lstatSync(folder.file('a')).mode & 0o777, 0o600);
    assert.deepEqual(folder.names(), ['a'], 'no draft is left');
    folder.remove('a');
    folder.remove('a');
    assert.equal(folder.read('a'), undefined);
  });

  it('leaves nothing behind when a file cannot be written', () => {
    const folder = fresh();
    folder.open();
    mkdirSync(folder.file('a'));
    assert.throws(() => folder.write('a', 'x'), code('state.folder'));
    assert.deepEqual(folder.names(), ['a']);
    assert.throws(() => fresh().write('a', 'x'), code('state.folder'));
  });

  it('reads nothing that somebody else may have put there', () => {
    const folder = fresh();
    folder.open();
    writeFileSync(folder.file('open'), 'x', { mode: 0o644 });
    chmodSync(folder.file('open'), 0o644);
    assert.throws(() => folder.read('open'), code('state.file'));
    symlinkSync('open', folder.file('link'));
    assert.throws(() => folder.read('link'), code('state.folder'));
    mkdirSync(folder.file('folder'), { mode: 0o700 });
    assert.throws(() => folder.read('folder'), code('state.file'));
  });

  it('is refused where others may write in it, and where it is none', () => {
    const folder = fresh();
    folder.open();
    chmodSync(folder.path, 0o750);
    assert.throws(() => folder.open(), code('state.not-private'));
    assert.throws(() => folder.exists(), code('state.not-private'));
    writeFileSync(join(root, 'file'), '');
    assert.throws(() => new StateFolder(join(root, 'file')).exists(), code('state.folder'));
    assert.throws(() => new StateFolder(join(root, 'file/below')).open(), code('state.folder'));
  });

  it('goes with everything in it, and leaves what others have beside it', () => {
    const folder = fresh();
    folder.open();
    folder.write('a', 'x');
    const neighbour = new StateFolder(join(folder.path, '../neighbour'));
    neighbour.open();
    folder.removeAll();
    assert.deepEqual([existsSync(folder.path), neighbour.exists()], [false, true]);
    neighbour.removeAll();
    assert.equal(existsSync(join(neighbour.path, '..')), false);
  });
});
