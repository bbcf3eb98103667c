// Makes sure that node_modules is what package-lock.json says, before a script needs it. This is the one file that
// must run on the Node of a fresh machine (20 or later) and without any package; everything else runs on the
// Node 24 that it installs.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');

if (!isInstalled()) install();

/** Compares the lock file with the record that npm keeps of what it installed: no stamp of ours to go stale. */
function isInstalled() {
  if (!existsSync(join(modules, '.bin', 'node'))) return false;
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(join(modules, '.package-lock.json'));
  return Object.entries(wanted).every(
    ([path, { version, integrity, optional }]) =>
      path === '' ||
      (optional && !(path in installed)) || // made for another platform
      (installed[path]?.version === version && installed[path]?.integrity === integrity),
  );
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return {}; // absent or cut short: nothing is known to be installed
  }
}

function install() {
  console.error('zorp: installing the packages it needs and Node 24 into node_modules (npm ci)');
  // An outer `npm run -s` would silence npm's errors too, so the level is named.
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = spawnSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: pathOutsideModules() },
    shell: process.platform === 'win32',
  });
  if (result.status === 0 && isInstalled()) return;
  console.error(result.stdout ?? '');
  console.error(result.stderr ?? '');
  if (result.error) console.error(result.error.message);
  console.error(
    'zorp: npm ci failed, its messages are above. Check that the npm registry can be reached ' +
      '(npm ping), then run the same command again.',
  );
  process.exit(1);
}

/** `npm ci` deletes node_modules first, and must not run on a node that stands in it. */
function pathOutsideModules() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.filter((folder) => !folder.startsWith(modules)).join(delimiter);
}
