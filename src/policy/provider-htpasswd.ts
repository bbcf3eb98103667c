// Users of an htpasswd file, which is read anew when it changes.

import { z } from 'zod';
import type { LiveFile } from '../proxy/live-input.ts';
import { registerLiveInput } from '../proxy/live-input.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import type { FileResult, PasswordFile } from './htpasswd-file.ts';
import { readGroupFile, readPasswordFile } from './htpasswd-file.ts';
import { listFile } from './matcher.ts';

/** Options of `htpasswdProvider`. */
export interface HtpasswdProviderOptions {
  /**
   * Lines `user:hash` as `htpasswd -B` writes them, with bcrypt hashes only. The path is absolute, or relative to the
   * policy file. When it changes it is read anew, and nobody's password is remembered any longer.
   */
  readonly file: string;
  /** Lines `group: user user`, as Apache's AuthGroupFile has them. Default: no groups. */
  readonly groupFile?: string;
}

/** Users of a file. */
export interface HtpasswdProvider {
  readonly kind: 'authentication-provider';
  readonly type: 'htpasswd';
  readonly file: string;
  readonly groupFile: string | undefined;
  /** The passwords as they are now; throws until the file was read. */
  passwords(): PasswordFile;
  groupsOf(user: string): readonly string[];
  /** Another number whenever a file was read: what was known before counts no longer. */
  version(): number;
}

const schema = z.strictObject({ file: listFile, groupFile: listFile.optional() });
registerOptions('htpasswdProvider', schema);

const NO_GROUPS: readonly string[] = Object.freeze([]);

/**
 * Users whose passwords are in a file that `htpasswd -B` of Apache wrote. A file that cannot be read, or has a faulty line
 * or a hash that is not bcrypt, refuses the policy; while it runs, what was good before stays, and the log says so.
 * @example inbandAuthentication({ provider: htpasswdProvider({ file: 'users.htpasswd', groupFile: 'groups' }) })
 */
export function htpasswdProvider(options: HtpasswdProviderOptions): HtpasswdProvider {
  const { settings, faults } = checkSettings(schema, options, { file: 'none' });
  const { file, groupFile } = settings;
  let passwords: PasswordFile | undefined;
  let groups: ReadonlyMap<string, readonly string[]> | undefined;
  let version = 0;
  const files: LiveFile[] = [
    liveFile(file, readPasswordFile, (read) => {
      passwords = read;
      version++;
    }),
  ];
  if (groupFile !== undefined)
    files.push(
      liveFile(groupFile, readGroupFile, (read) => {
        groups = read;
        version++;
      }),
    );
  if (faults.length === 0)
    for (const input of files) registerLiveInput(declare(input, htpasswdProvider));
  const made: HtpasswdProvider = {
    ...{ kind: 'authentication-provider', type: 'htpasswd', file, groupFile },
    passwords: () => {
      if (passwords === undefined) throw new Error(`the file ${file} was not read`);
      return passwords;
    },
    groupsOf: (user) => groups?.get(user) ?? NO_GROUPS,
    version: () => version,
  };
  return declare(made, htpasswdProvider, faults);
}

function liveFile<Content extends object>(
  path: string,
  read: (text: string) => Generator<undefined, FileResult<Content>, undefined>,
  take: (content: Content | undefined) => void,
): LiveFile {
  return {
    kind: 'live-file',
    path,
    *read(text) {
      const result = yield* read(text);
      if (!result.ok) return result.faults;
      take(result.content);
      return [];
    },
    forget: () => take(undefined),
  };
}
