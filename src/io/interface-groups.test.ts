import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { parseGroupNames, readGroupNames } from './interface-groups.ts';

describe('parseGroupNames', () => {
  it('reads numbers, decimal or hexadecimal, and names', () => {
    const text = '# device group names\n0\tdefault\n\n0x10  dmz # where servers are\n7 lan\n';
    assert.deepEqual(
      [...parseGroupNames(text)],
      [
        ['default', 0],
        ['dmz', 16],
        ['lan', 7],
      ],
    );
  });

  it('leaves out what is no line of the file', () => {
    assert.deepEqual(
      [...parseGroupNames('lan\n5\n4294967296 big\n-1 minus\n0x1ffffffff wide\n1e3 odd\n')],
      [],
    );
  });
});

describe('readGroupNames', () => {
  it('reads the first file that is there, and knows no names without one', (context) => {
    const folder = temporaryFolder(context, 'groups');
    const [missing, first, second] = ['missing', 'first', 'second'].map((name) =>
      join(folder, name),
    );
    writeFileSync(String(first), '1 one\n');
    writeFileSync(String(second), '2 two\n');
    assert.deepEqual([...readGroupNames([missing, first, second].map(String))], [['one', 1]]);
    assert.deepEqual([...readGroupNames([String(missing)])], []);
  });
});
