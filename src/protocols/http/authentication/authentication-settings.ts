// What a policy may say of the way in which the HTTP proxy asks its users.

import { z } from 'zod';

/** The login form. */
export interface LoginFormOptions {
  /** How long a login counts. Default: 3600000 ms, an hour. */
  readonly lifetimeMs?: number;
  /**
   * A directory with a folder for each language, and in it `login.html`: the page in the place of the built-in one. The
   * path is absolute, or relative to the policy file. A page that changes is read anew. Default: the built-in page.
   */
  readonly directory?: string;
}

/** How the proxy asks for users; that it asks, and whom, the service says with `authentication`. */
export interface AuthenticationOptions {
  /** What browsers show beside the question: 1 to 100 characters of ASCII. Default: `Zorp HTTP auth`. */
  readonly realm?: string;
  /** The field in which credentials go on to the server; not with `form`. Default: `none`, they are taken out. */
  readonly forward?: 'none' | 'Authorization' | 'Proxy-Authorization';
  /**
   * Ask with a page and remember the login in a cookie, instead of the browser's own question. Only transparent mode can.
   * Default: false.
   */
  readonly form?: boolean | LoginFormOptions;
}

/** Checked settings, with every default filled in. */
export interface AuthenticationSettings {
  readonly realm: string;
  readonly forward: 'none' | 'Authorization' | 'Proxy-Authorization';
  readonly form:
    { readonly lifetimeMs: number; readonly directory?: string | undefined } | undefined;
}

const LIFETIME_CURE = 'give whole milliseconds, at least 1000 and at most 30 days';
// A cookie cannot be taken back: who is locked out today would still be let in for as long.
const MAX_LIFETIME_MS = 30 * 86_400_000;

const formOptions = z.strictObject({
  lifetimeMs: z
    .int({ error: LIFETIME_CURE })
    .min(1_000, { error: LIFETIME_CURE })
    .max(MAX_LIFETIME_MS, { error: LIFETIME_CURE })
    .default(3_600_000),
  directory: z
    .string({ error: 'give the path of a directory as text' })
    .min(1, { error: 'give the path of a directory' })
    .optional(),
});

/** The schema of `authentication`. */
export const authenticationSchema = z
  .strictObject(
    {
      realm: z
        .string({ error: 'give a text' })
        .regex(/^[\x20-\x7e]{1,100}$/, { error: 'give 1 to 100 characters of ASCII' })
        .default('Zorp HTTP auth'),
      forward: z
        .enum(['none', 'Authorization', 'Proxy-Authorization'], {
          error: "give 'none', 'Authorization' or 'Proxy-Authorization'",
        })
        .default('none'),
      form: z
        .union([z.boolean(), formOptions], {
          error: 'give true, false or { lifetimeMs, directory }',
        })
        .default(false),
    },
    { error: 'give the options as an object: { realm, forward, form }' },
  )
  .refine(({ forward, form }) => forward === 'none' || form === false, {
    path: ['forward'],
    error: 'remove it: requests that a login by form lets through have a cookie, and no password',
  })
  .transform(({ realm, forward, form }): AuthenticationSettings => {
    const options = form === true ? formOptions.parse({}) : form;
    return { realm, forward, form: options === false ? undefined : options };
  });

/** The settings where a policy says nothing: a service may ask all the same. */
export const PLAIN_AUTHENTICATION: AuthenticationSettings = Object.freeze(
  authenticationSchema.parse({}),
);
