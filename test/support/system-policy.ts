// Policy files of a test, as text that the test can change.
import { join } from 'node:path';
import type { Owner } from './system-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The path of a policy file in a folder that goes with its owner. */
export function policyPath(owner: Owner): string {
  return join(temporaryFolder(owner, 'policy'), 'policy.ts');
}

/** A policy with a plug to a server of this machine; the comment makes each text another revision. */
export function plugPolicy(port: number, comment = ''): string {
  return `// ${comment}
import { definePolicy, directedRouter, listener, plugProxy, service, zone } from 'zorp';
const plug = service('plug', { proxy: plugProxy(), router: directedRouter({ destination: '127.0.0.1:${port}' }) });
const machine = zone('machine', { subnets: ['127.0.0.1'], outboundServices: [plug], inboundServices: [plug] });
export default definePolicy({ zones: [machine], listeners: [listener('127.0.0.1:0', plug, { name: 'plug', backlog: 4096 })] });
`;
}
