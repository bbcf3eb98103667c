// Passwords of files and directories: from the provider of a policy to the edge that can check them.

import { BcryptThread } from '../io/bcrypt-thread.ts';
import type { LdapFound, LdapQuestion, LdapTalk } from '../io/ldap-directory.ts';
import { LdapDirectory } from '../io/ldap-directory.ts';
import type { ProvedUser } from '../policy/authentication-provider.ts';
import { fillDn, fillFilter } from '../policy/ldap-template.ts';
import type { HtpasswdProvider } from '../policy/provider-htpasswd.ts';
import type { LdapProvider } from '../policy/provider-ldap.ts';
import type { Credentials } from '../proxy/authentication.ts';
import type { PasswordChecker } from '../session/outside.ts';

/** Checks passwords for a running instance. */
export class ProviderChecks implements PasswordChecker {
  readonly #bcrypt: Pick<BcryptThread, 'matches'>;
  readonly #directories = new WeakMap<LdapProvider, LdapDirectory>();

  constructor(bcrypt: Pick<BcryptThread, 'matches'> = new BcryptThread()) {
    this.#bcrypt = bcrypt;
  }

  async check(
    provider: HtpasswdProvider | LdapProvider,
    credentials: Credentials,
  ): Promise<ProvedUser | undefined> {
    return provider.type === 'htpasswd'
      ? this.#checkHash(provider, credentials)
      : this.#directoryOf(provider).talk((talk) => checkEntry(provider, talk, credentials));
  }

  /** A name that is not there takes as long as one that is. */
  async #checkHash(
    provider: HtpasswdProvider,
    { user, password }: Credentials,
  ): Promise<ProvedUser | undefined> {
    const { hashes, decoy } = provider.passwords();
    const hash = hashes.get(user);
    const matches = await this.#bcrypt.matches(password, hash ?? decoy);
    return hash !== undefined && matches ? { groups: provider.groupsOf(user) } : undefined;
  }

  #directoryOf(provider: LdapProvider): LdapDirectory {
    let directory = this.#directories.get(provider);
    if (directory === undefined) {
      const { url, startTls, tls, timeoutMs, maxConnections } = provider;
      const [ca, serverName] = [tls?.ca, tls?.serverName];
      directory = new LdapDirectory({ url, startTls, ca, serverName, timeoutMs, maxConnections });
      this.#directories.set(provider, directory);
    }
    return directory;
  }
}

/** Finds the entry of a user, binds as it, and asks for its groups. */
async function checkEntry(
  provider: LdapProvider,
  talk: LdapTalk,
  { user, password }: Credentials,
): Promise<ProvedUser | undefined> {
  const dn = await entryOf(provider, talk, user);
  if (dn === undefined || !(await talk.bind(dn, password))) return undefined;
  const { groups } = provider;
  if (groups === undefined) return {};
  await bindAsSearcher(provider, talk);
  const { baseDn, attribute } = groups;
  const filter = fillFilter(groups.filter, { user, dn });
  const found = await talk.search({ baseDn, filter, attribute });
  return { groups: found.flatMap(({ values }) => values) };
}

async function entryOf(
  provider: LdapProvider,
  talk: LdapTalk,
  user: string,
): Promise<string | undefined> {
  const { userDn, search } = provider;
  if (userDn !== undefined) return fillDn(userDn, user);
  if (search === undefined) return undefined;
  await bindAsSearcher(provider, talk);
  const question: LdapQuestion = {
    baseDn: search.baseDn,
    filter: fillFilter(search.filter, { user }),
    attribute: '1.1', // none (RFC 4511, 4.5.1.8)
  };
  return onlyEntry(await talk.search(question));
}

/** Two entries of one name are two people, and nobody can say which of them is there. */
function onlyEntry(found: readonly LdapFound[]): string | undefined {
  const [first, second] = found;
  if (second !== undefined) throw new Error('The directory has several entries for one user name');
  // With an empty name the bind would be anonymous, and succeed (RFC 4513, 5.1.2).
  return first?.dn === '' ? undefined : first?.dn;
}

/** The policy's own entry asks, where there is one; otherwise whoever is bound. */
async function bindAsSearcher({ search }: LdapProvider, talk: LdapTalk): Promise<void> {
  if (search?.bindDn === undefined || search.bindPassword === undefined) return;
  if (!(await talk.bind(search.bindDn, search.bindPassword)))
    throw new Error('The LDAP server refuses bindDn with bindPassword');
}
