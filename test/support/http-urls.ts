// Reads the target of a request with the parts of the engine: whose URL is it, or why is it refused?

import { Violation } from '../../src/proxy/violation.ts';
import type { IncomingRequest } from '../../src/protocols/http/incoming-request.ts';
import type { HttpOptions } from '../../src/protocols/http/http-options.ts';
import { httpPlan, parsedRequest, requestReader } from './http-heads.ts';
import { toBytes } from './latin1.ts';

/** What the proxy makes of a URL: a refusal is a reason code. */
export type ReadUrl =
  | { readonly code: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly path: string;
      readonly sentPath: string;
    };

/** Reads what a client asks an explicit proxy for: a whole URL, which goes out as UTF-8. */
export function readUrl(url: string, options: HttpOptions = {}): ReadUrl {
  return readRequest(`GET ${url} HTTP/1.0\r\n\r\n`, options);
}

/** Reads what a client asks a server for. */
export function readPath(path: string, host: string, options: HttpOptions = {}): ReadUrl {
  return readRequest(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`, options);
}

function readRequest(text: string, options: HttpOptions): ReadUrl {
  try {
    const { url, target } = read(Buffer.from(text, 'utf8').toString('latin1'), options);
    return { host: url.host, port: url.port, path: url.path, sentPath: target.sentPath };
  } catch (error) {
    if (error instanceof Violation) return { code: error.code };
    throw error;
  }
}

function read(text: string, options: HttpOptions): IncomingRequest {
  const plan = httpPlan({
    permitServerRequests: true,
    permitProxyRequests: true,
    targetPorts: '1-65535',
    ...options,
  });
  return requestReader(plan).read(parsedRequest(toBytes(text), plan));
}
