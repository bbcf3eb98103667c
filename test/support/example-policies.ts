// The example policies as an administrator would have them: with certificates beside them, which do not come with them.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { initAuthorities } from '../../src/instance/authority-files.ts';
import { TestAuthority } from './test-authority.ts';

/** Whose certificates are beside the policies, all of one authority. */
const NAMES = [
  'www.example',
  'shop.example',
  'firewall.example',
  'partner.example',
  'clerk.example',
];

/** Copies the example policies into a folder. It takes openssl. @returns the folder with the policies. */
export function copyExamples(folder: string): string {
  const policies = join(folder, 'policies');
  cpSync(join(import.meta.dirname, '../../policies'), policies, { recursive: true });
  const authority = TestAuthority.in(join(policies, 'certificates'));
  for (const name of NAMES) authority.issue(name);
  initAuthorities({ folder: join(policies, 'ca'), name: 'Office', now: Date.now() });
  return policies;
}
