import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { after, describe, it } from 'node:test';
import { PolicyFiles } from '../../test/support/policy-files.ts';
import type { FolderContent } from './list-folder.ts';
import { ListFolder } from './list-folder.ts';

const files = new PolicyFiles();
after(() => files.remove());
let count = 0;

/** A new folder with these files. */
function folderOf(texts: Readonly<Record<string, string>>): string {
  const name = `folder-${++count}`;
  mkdirSync(files.path(name));
  for (const [file, text] of Object.entries(texts)) files.write(`${name}/${file}`, text);
  return files.path(name);
}

/** What was read, by the names of the files; or what is wrong, and with which of them. */
function shown(content: FolderContent): string {
  if (!content.ok) {
    const path = 'path' in content ? `${basename(content.path)} ` : '';
    return `${path}${content.problem}`;
  }
  if ('text' in content) return content.text;
  return content.files.map(({ path, text }) => `${basename(path)}=${text}`).join(' ');
}

describe('a list folder', () => {
  it('is its files of such names, in their order', async () => {
    const path = folderOf({ 'b.pem': '2', 'a.pem': '1', 'c.txt': '3' });
    const folder = new ListFolder(path, /\.pem$/);
    const content = await folder.read();
    assert.equal(shown(content), 'a.pem=1 b.pem=2');
    assert.equal(content.stamp, await folder.look());
  });

  it('may be a file', async () => {
    const folder = new ListFolder(files.write('one.pem', '1'), /never/);
    const content = await folder.read();
    assert.equal(shown(content), '1');
    assert.equal(content.stamp, await folder.look());
    assert.equal(shown(await new ListFolder(files.path('none'), /x/).read()), 'is not there');
  });

  it('reads what several links lead to once, and leaves out links to nothing and folders', async () => {
    const path = folderOf({ 'b.pem': '1' });
    symlinkSync('b.pem', `${path}/a.pem`);
    symlinkSync('nothing', `${path}/c.pem`);
    mkdirSync(`${path}/d.pem`);
    assert.equal(shown(await new ListFolder(path, /\.pem$/).read()), 'b.pem=1');
  });

  it('looks different when a file comes, goes or changes, and only then', async () => {
    const path = folderOf({ 'a.pem': '1', 'b.pem': '2' });
    const folder = new ListFolder(path, /\.pem$/);
    const stamps = [await folder.look(), await folder.look()];
    files.write(`${basename(path)}/other.txt`, 'x');
    stamps.push(await folder.look());
    assert.equal(new Set(stamps).size, 1);
    for (const change of [
      (): unknown => files.write(`${basename(path)}/c.pem`, '3'),
      (): unknown => files.write(`${basename(path)}/c.pem`, '34'),
      (): unknown => rmSync(`${path}/a.pem`),
      (): unknown => renameSync(`${path}/c.pem`, `${path}/d.pem`),
      (): unknown => rmSync(path, { recursive: true }),
    ]) {
      change();
      stamps.push(await folder.look());
    }
    assert.equal(new Set(stamps).size, 6);
  });

  it('says what is wrong with which file', async () => {
    const path = folderOf({ 'a.pem': '1' });
    const bytes = folderOf({ 'a.pem': '12345', 'b.pem': '67890', 'c.txt': 'x'.repeat(100) });
    const limits = { maxFiles: 2, maxBytes: 9, maxEntries: 3 };
    const problem = async (where: string): Promise<string> =>
      shown(await new ListFolder(where, /\.pem$/, limits).read());
    assert.equal(await problem(path), 'a.pem=1');
    assert.equal(await problem(bytes), 'has such files of more than 9 bytes');
    const many = folderOf({ 'a.pem': '1', 'b.pem': '2', 'c.pem': '3' });
    assert.equal(await problem(many), 'has more than 2 such files');
    const entries = folderOf({ 'a.txt': '1', 'b.txt': '2', 'c.txt': '3', 'd.txt': '3' });
    assert.equal(await problem(entries), 'has more than 3 entries');
    const binary = folderOf({});
    writeFileSync(`${binary}/a.pem`, Buffer.from([0x30, 0x82, 0xff]));
    assert.equal(await problem(binary), 'a.pem is not UTF-8');
  });
});
