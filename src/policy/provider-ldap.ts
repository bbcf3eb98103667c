// Users of a directory that is asked by LDAP.

import { z } from 'zod';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import { milliseconds } from './fields.ts';

/** How the entry of a user is found, where its name does not follow from that of the user. */
export interface LdapSearch {
  /** The entry below which users are. */
  readonly baseDn: string;
  /** `{user}` stands for the name that was typed, escaped. Default: `(uid={user})`. */
  readonly filter?: string;
  /** Who asks. Default: nobody, an anonymous bind. */
  readonly bindDn?: string | undefined;
  readonly bindPassword?: string | undefined;
}

/** How the groups of a user are found. */
export interface LdapGroups {
  /** The entry below which groups are. */
  readonly baseDn: string;
  /** `{user}` and `{dn}` stand for the name that was typed and for its entry, escaped. Default: `(member={dn})`. */
  readonly filter?: string;
  /** The attribute that names a group. Default: `cn`. */
  readonly attribute?: string;
}

/** How the certificate of the server is checked. */
export interface LdapTls {
  /** Certificates of authorities in PEM form. Default: those that Node knows. */
  readonly ca?: string | undefined;
  /** The name that the certificate must have. Default: the host of the URL. */
  readonly serverName?: string | undefined;
}

/** Options of `ldapProvider`. Exactly one of `userDn` and `search` says which entry is the user's. */
export interface LdapProviderOptions {
  /** `ldaps://host`, or `ldap://host` with `startTls` or `plaintext`. The port is 636 or 389 where there is none. */
  readonly url: string;
  /** The entry of a user: `{user}` stands for the name, escaped: `uid={user},ou=people,dc=example,dc=org`. */
  readonly userDn?: string;
  readonly search?: LdapSearch;
  /** Default: no groups. */
  readonly groups?: LdapGroups;
  /** Begin TLS on an `ldap://` connection before anything else is said. Default: false. */
  readonly startTls?: boolean;
  /** Send passwords over an `ldap://` connection unencrypted: only for a server on this machine. Default: false. */
  readonly plaintext?: boolean;
  readonly tls?: LdapTls;
  /** How long a check may take in all. Default: 5000 ms. */
  readonly timeoutMs?: number;
  /** Connections to the server at the same time; more checks wait. Default: 4. */
  readonly maxConnections?: number;
}

/** Users of a directory. */
export interface LdapProvider {
  readonly kind: 'authentication-provider';
  readonly type: 'ldap';
  readonly url: string;
  readonly userDn: string | undefined;
  readonly search: (LdapSearch & { readonly filter: string }) | undefined;
  readonly groups: Required<LdapGroups> | undefined;
  readonly startTls: boolean;
  readonly tls: LdapTls | undefined;
  readonly timeoutMs: number;
  readonly maxConnections: number;
}

const text = z.string({ error: 'give a text' }).min(1, { error: 'give a text' });
const yesOrNo = z.boolean({ error: 'give true or false' });

const URL_CURE = 'give the URL of a server, such as "ldaps://ldap.example.org"';

const url = z.string({ error: URL_CURE }).regex(/^ldaps?:\/\/[^/?#@\s]+\/?$/, { error: URL_CURE });

const NAMED_USER = 'write {user} where the name is to stand';

const filter = text.regex(/^\(.*\)$/s, {
  error: 'give a filter in parentheses, such as "(uid={user})"',
});

const schema = z
  .strictObject({
    url,
    userDn: text.refine((dn) => dn.includes('{user}'), { error: NAMED_USER }).optional(),
    search: z
      .strictObject({
        baseDn: text,
        filter: filter
          .refine((one) => one.includes('{user}'), { error: NAMED_USER })
          .default('(uid={user})'),
        bindDn: text.optional(),
        bindPassword: text.optional(),
      })
      .refine(
        ({ bindDn, bindPassword }) => (bindDn === undefined) === (bindPassword === undefined),
        {
          error: 'give both bindDn and bindPassword, or none of them',
        },
      )
      .optional(),
    groups: z
      .strictObject({
        baseDn: text,
        filter: filter
          .refine((one) => /\{(?:user|dn)\}/.test(one), {
            error: 'write {dn} or {user} where the user is to stand',
          })
          .default('(member={dn})'),
        attribute: text.default('cn'),
      })
      .optional(),
    startTls: yesOrNo.default(false),
    plaintext: yesOrNo.default(false),
    tls: z.strictObject({ ca: text.optional(), serverName: text.optional() }).optional(),
    timeoutMs: milliseconds.default(5_000),
    maxConnections: z
      .int({ error: 'give a whole number of 1 to 64' })
      .min(1, { error: 'give a whole number of 1 to 64' })
      .max(64, { error: 'give a whole number of 1 to 64' })
      .default(4),
  })
  .refine(({ userDn, search }) => (userDn === undefined) !== (search === undefined), {
    path: ['userDn'],
    error: 'say with either userDn or search which entry is that of a user',
  })
  .refine((one) => !one.url.startsWith('ldap:') || one.startTls !== one.plaintext, {
    path: ['url'],
    error: 'use ldaps://, or startTls: true; or plaintext: true if the server is on this machine',
  })
  .refine(({ url, startTls, plaintext }) => url.startsWith('ldap:') || !(startTls || plaintext), {
    path: ['startTls'],
    error: 'remove startTls and plaintext: ldaps:// is TLS from its beginning',
  });
registerOptions('ldapProvider', schema);

/**
 * Users of an LDAP directory: the server says whether a password fits (a bind), and which groups the user is in. Names are
 * escaped wherever they become part of an entry's name or of a filter.
 * @example ldapProvider({ url: 'ldaps://ldap.example.org', userDn: 'uid={user},ou=people,dc=example,dc=org' })
 * @example ldapProvider({ url: 'ldaps://dc1.example.org', search: { baseDn: 'dc=example,dc=org', filter: '(sAMAccountName={user})', bindDn: 'cn=zorp,dc=example,dc=org', bindPassword: secret }, groups: { baseDn: 'ou=groups,dc=example,dc=org' } })
 */
export function ldapProvider(options: LdapProviderOptions): LdapProvider {
  const fallback = { url: 'ldaps://none.invalid', userDn: 'uid={user}' };
  const { settings, faults } = checkSettings(schema, options, fallback);
  const { url, userDn, search, groups, startTls, tls, timeoutMs, maxConnections } = settings;
  const made: LdapProvider = {
    ...{ kind: 'authentication-provider', type: 'ldap', url, userDn, search, groups },
    ...{ startTls, tls, timeoutMs, maxConnections },
  };
  return declare(made, ldapProvider, faults);
}
