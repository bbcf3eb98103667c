// What git, npm and apt do in a test, the same over plain HTTP and over TLS.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from './system-process.ts';

/** Clones a repository, pushes 3 MB to a new branch of it, and clones that again to compare. */
export function cloneAndPush(folder: string, url: string, branch: string): Command {
  const script = `
    export HOME=${folder} GIT_CONFIG_NOSYSTEM=1
    git config --global user.email somebody@example.org
    git config --global user.name Somebody
    cd ${folder}
    git clone -q ${url} one
    cd one
    git checkout -q -B ${branch}
    head -c 3000000 /dev/urandom > file
    git add file
    git commit -q -m 'A file'
    git push -q origin ${branch}
    git clone -q -b ${branch} ${url} ../two
    cmp file ../two/file`;
  return ['sh', '-ec', script];
}

/** A package of npm whose only file says what it was made with. */
export interface NpmPackage {
  readonly name: string;
  readonly text: string;
  /** The URL of the registry, without a slash at its end. */
  readonly registry: string;
  /** Further lines of `.npmrc`. */
  readonly settings?: readonly string[];
}

/** Publishes a package, and installs it elsewhere: see `installedFile`. What the machine says of npm does not count. */
export function publishAndInstall(folder: string, given: NpmPackage): Command {
  const { name, text, registry, settings = [] } = given;
  const made = join(folder, 'made');
  mkdirSync(made);
  writeFileSync(join(made, 'package.json'), JSON.stringify({ name, version: '1.0.0' }));
  writeFileSync(join(made, 'index.js'), `module.exports = '${text}';\n`);
  const token = `${registry.replace(/^https?:/, '')}/:_authToken=none`;
  const lines = [`registry=${registry}/`, token, ...settings];
  writeFileSync(join(folder, '.npmrc'), `${lines.join('\n')}\n`);
  const script = `
    export HOME=${folder} npm_config_globalconfig=${folder}/none npm_config_cache=${folder}/cache
    export npm_config_update_notifier=false npm_config_fetch_retries=0
    cd ${made}
    npm publish --silent
    mkdir ../user
    cd ../user
    npm install --silent --no-audit --no-fund ${name}`;
  return ['sh', '-ec', script];
}

/** The file of a package that `publishAndInstall` has installed. */
export function installedFile(folder: string, name: string): string {
  return join(folder, 'user/node_modules', name, 'index.js');
}

/** Where apt gets a package, and what it must be told for that. */
export interface AptSource {
  readonly url: string;
  readonly name: string;
  /** Options such as `Acquire::http::Proxy=http://10.0.0.1:3128`. */
  readonly options: readonly string[];
}

/** Reads the index of a source and downloads a package into the folder. */
export function updateAndDownload(folder: string, { url, name, options }: AptSource): Command {
  mkdirSync(join(folder, 'lists/partial'), { recursive: true });
  mkdirSync(join(folder, 'archives/partial'), { recursive: true });
  writeFileSync(join(folder, 'sources'), `deb [trusted=yes] ${url} ./\n`);
  writeFileSync(join(folder, 'status'), '');
  const all = [
    ...['APT::Sandbox::User=root', 'Acquire::AllowInsecureRepositories=true'],
    ...[`Dir::State::lists=${folder}/lists`, `Dir::Cache=${folder}`],
    ...[`Dir::State::status=${folder}/status`, `Dir::Etc::sourcelist=${folder}/sources`],
    ...['Dir::Etc::sourceparts=-', 'Acquire::Retries=0', 'Acquire::EnableSrvRecords=false'],
    ...options,
  ].flatMap((one) => ['-o', one]);
  const get = `cd ${folder}; apt-get "$@" -q update; apt-get "$@" -q download ${name}`;
  return ['sh', '-ec', get, 'sh', ...all];
}
