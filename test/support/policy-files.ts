// Policy files in a folder of their own, outside the checkout as an administrator's are, for tests of what loads them.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A good policy in one file: one zone, one plug. */
export const GOOD_POLICY = `import { definePolicy, directedRouter, listener, plugProxy, service, zone } from 'zorp';

const plug = service('plug', {
  proxy: plugProxy(),
  router: directedRouter({ destination: '127.0.0.1:9' }),
});
const machine = zone('machine', {
  subnets: ['127.0.0.0/8'],
  outboundServices: [plug],
  inboundServices: [plug],
});

export default definePolicy({ zones: [machine], listeners: [listener('127.0.0.1:0', plug)] });
`;

/** A folder that is removed at the end. */
export class PolicyFiles {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'zorp-policy-')));

  /** Writes a file and gives its path. */
  write(name: string, text: string): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** The path of a file, whether there is one or not. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** Removes the folder. */
  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
