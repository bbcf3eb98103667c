// Apache as the git server of a test: it publishes repositories by git's own program, in plain text or over TLS.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { endpoint, succeed } from './network-lab.ts';
import type { Lab } from './system-lab.ts';
import type { MadeCertificate } from './test-authority.ts';

/** Where it listens, and the certificate that it shows; without one it speaks plain text. */
export interface ApacheServer {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly certificate?: MadeCertificate;
}

/**
 * Its idle children do not see that their parent was killed. In a namespace of process ids whose first process it is, the
 * kernel ends all of them with it, even where the process of the test is killed and stops nothing.
 */
const ALL_AT_ONCE = ['unshare', '--pid', '--fork', '--kill-child'] as const;

const MODULES = ['mpm_prefork', 'authz_core', 'alias', 'env', 'cgi'];

/** Starts it, with an empty repository `/git/project.git` that everybody may write. */
export async function startApache(lab: Lab, server: ApacheServer): Promise<void> {
  const { folder } = lab;
  const { name, certificate } = server;
  const listen = endpoint(server.address, server.port);
  mkdirSync(join(folder, 'repositories'));
  const modules = [...MODULES, ...(certificate === undefined ? [] : ['ssl'])].map(
    (one) => `LoadModule ${one}_module /usr/lib/apache2/modules/mod_${one}.so`,
  );
  const config = lab.write(
    'apache.conf',
    `${modules.join('\n')}
User nobody
Group nogroup
ServerRoot ${folder}
ServerName ${name}
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
ErrorLog ${folder}/apache.log
Listen ${listen}
${certificate === undefined ? '' : secured(certificate)}
SetEnv GIT_PROJECT_ROOT ${folder}/repositories
SetEnv GIT_HTTP_EXPORT_ALL
SetEnv REMOTE_USER somebody
ScriptAlias /git/ /usr/lib/git-core/git-http-backend/
<Directory />
  Require all granted
</Directory>
`,
  );
  // Apache serves nothing as root.
  await succeed(lab, [
    `git init -q --bare ${folder}/repositories/project.git`,
    `chown -R nobody:nogroup ${folder}/repositories`,
    `chmod 755 ${folder}`,
  ]);
  lab.start([...ALL_AT_ONCE, 'apache2', '-D', 'FOREGROUND', '-f', config]);
  const page = `${certificate === undefined ? 'http' : 'https'}://${listen}/`;
  await succeed(lab, [`curl -sk --retry 50 --retry-connrefused --retry-delay 0 ${page}`]);
}

function secured({ certificate, privateKey }: MadeCertificate): string {
  return `SSLEngine on\nSSLCertificateFile ${certificate}\nSSLCertificateKeyFile ${privateKey}`;
}
