// One LDAP server: binds and searches, on at most so many connections, each for one check.

import { Client, ResultCodeError } from 'ldapts';
import type { ConnectionOptions } from 'node:tls';
import { connect as connectPlain, isIP } from 'node:net';

/** How a server is reached. */
export interface LdapServer {
  readonly url: string;
  readonly startTls: boolean;
  readonly ca: string | undefined;
  readonly serverName: string | undefined;
  /** Of one check in all. */
  readonly timeoutMs: number;
  readonly maxConnections: number;
}

/** What is asked for in a search. */
export interface LdapQuestion {
  readonly baseDn: string;
  readonly filter: string;
  readonly attribute: string;
}

/** An entry that was found, and the values of the attribute that was asked for. */
export interface LdapFound {
  readonly dn: string;
  readonly values: readonly string[];
}

/** One conversation with the server. */
export interface LdapTalk {
  /** Whether the password is that of the entry. Rejects if the server cannot say. */
  bind(dn: string, password: string): Promise<boolean>;
  search(question: LdapQuestion): Promise<readonly LdapFound[]>;
}

// Checks that wait for a connection; each waits for its turn as long as others take.
const MAX_WAITING = 256;

// More groups than a person is in, and a bound on what a server can make us hold.
const MAX_ENTRIES = 1_000;

// invalidCredentials, inappropriateAuthentication, noSuchObject, invalidDNSyntax, unwillingToPerform (a locked account)
// and insufficientAccessRights (RFC 4511, A.1): the server has understood and says no.
const NO_CODES: readonly number[] = [49, 48, 32, 34, 53, 50];

/** A server that is asked. */
export class LdapDirectory {
  readonly #server: LdapServer;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(server: LdapServer) {
    this.#server = server;
  }

  /** Talks to the server on a connection of its own. Rejects if that fails or takes too long. */
  async talk<Result>(conversation: (talk: LdapTalk) => Promise<Result>): Promise<Result> {
    await this.#turn();
    const { url, timeoutMs } = this.#server;
    const connection = new LdapConnection(this.#server);
    const timer = setTimeout(() => {
      connection.fail(new Error(`The LDAP server ${url} did not answer within ${timeoutMs} ms`));
    }, timeoutMs);
    try {
      return await Promise.race([connection.run(conversation), connection.failed]);
    } finally {
      clearTimeout(timer);
      connection.close();
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= this.#server.maxConnections) {
      if (this.#waiting.length >= MAX_WAITING)
        throw new Error(`More than ${MAX_WAITING} checks wait for the LDAP server`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
  }
}

class LdapConnection implements LdapTalk {
  readonly failed: Promise<never>;
  fail: (error: Error) => void = () => undefined;
  readonly #server: LdapServer;
  readonly #client: Client;
  #connects = 0;

  constructor(server: LdapServer) {
    this.#server = server;
    this.failed = new Promise((_resolve, reject) => {
      this.fail = reject;
    });
    this.failed.catch(() => undefined); // it is raced only while somebody talks
    const { url, timeoutMs } = server;
    this.#client = new Client({
      url,
      timeout: timeoutMs,
      connectTimeout: timeoutMs,
      // With these it speaks TLS whatever the URL says.
      ...(url.startsWith('ldaps:') && { tlsOptions: this.#tls() }),
      createConnection: this.#connectOnce,
    });
  }

  async run<Result>(conversation: (talk: LdapTalk) => Promise<Result>): Promise<Result> {
    // The client does not tell TLS whom it is connected to.
    if (this.#server.startTls) await this.#client.startTLS({ ...this.#tls(), host: this.#host });
    return conversation(this);
  }

  async bind(dn: string, password: string): Promise<boolean> {
    try {
      await this.#client.bind(dn, password);
      return true;
    } catch (error) {
      if (error instanceof ResultCodeError && NO_CODES.includes(error.code)) return false;
      throw error;
    }
  }

  async search({ baseDn, filter, attribute }: LdapQuestion): Promise<readonly LdapFound[]> {
    const { searchEntries } = await this.#client.search(baseDn, {
      scope: 'sub',
      filter,
      attributes: [attribute],
      sizeLimit: MAX_ENTRIES,
      timeLimit: Math.ceil(this.#server.timeoutMs / 1_000),
    });
    return searchEntries.map((entry) => ({ dn: entry.dn, values: textsOf(entry[attribute]) }));
  }

  close(): void {
    this.#client.unbind().catch(() => undefined); // it is over either way
  }

  /** Without this the client would connect again when the server has closed: without TLS, and then send the password. */
  readonly #connectOnce: typeof connectPlain = (...parameters: unknown[]) => {
    if (++this.#connects > 1) throw new Error('The LDAP server closed the connection');
    // The client calls it with the port and the host of its URL.
    return connectPlain(...(parameters as [number, string]));
  };

  get #host(): string {
    return new URL(this.#server.url).hostname.replace(/^\[|\]$/g, '');
  }

  #tls(): ConnectionOptions {
    const { ca, serverName = this.#host } = this.#server;
    return {
      minVersion: 'TLSv1.2',
      ...(isIP(serverName) === 0 && { servername: serverName }), // never an address (RFC 6066, 3)
      ...(ca !== undefined && { ca }),
    };
  }
}

function textsOf(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((one): one is string => typeof one === 'string');
}
