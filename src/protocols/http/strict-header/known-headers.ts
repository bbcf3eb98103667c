// The fields that strict header checking knows, with the grammar of each: those of RFC 9110 to 9112 and of the Fetch
// standard, and what browsers, servers and proxies of today send besides.

import type { GrammarName } from './field-grammar.ts';

/** Names by grammar, with blanks between them. */
type Names = Readonly<Partial<Record<GrammarName, string>>>;

const BOTH: Names = {
  words: 'Cache-Control Pragma Prefer Preference-Applied Keep-Alive TE Proxy-Connection Priority',
  tokens:
    'Allow Content-Encoding Content-Language Trailer Connection Transfer-Encoding Sec-WebSocket-Protocol',
  protocols: 'Upgrade',
  mediaType: 'Content-Type',
  number: 'Content-Length',
  date: 'Date Last-Modified',
  contentRange: 'Content-Range',
  url: 'Content-Location Destination',
  structured:
    'Content-Digest Repr-Digest Digest Want-Content-Digest Want-Repr-Digest Signature-Input Content-MD5 ' +
    'Sec-WebSocket-Extensions Lock-Token Traceparent Tracestate',
  policy: 'Signature If',
  via: 'Via',
  link: 'Link',
  text: 'Warning Content-Disposition X-Request-Id X-Correlation-Id',
};

const REQUEST: Names = {
  mediaTypes: 'Accept',
  words: 'Accept-Charset Accept-Encoding Accept-Language Expect',
  credentials: 'Authorization Proxy-Authorization',
  cookie: 'Cookie',
  forwarded: 'Forwarded',
  text: 'From User-Agent X-Requested-With SOAPAction X-Csrf-Token X-Xsrf-Token',
  addresses: 'Host X-Forwarded-For X-Forwarded-Host X-Forwarded-Port X-Real-IP',
  tokens: 'Access-Control-Request-Method Access-Control-Request-Headers X-Forwarded-Proto',
  entityTags: 'If-Match If-None-Match',
  date: 'If-Modified-Since If-Unmodified-Since Accept-Datetime',
  entityTagOrDate: 'If-Range',
  number: 'Max-Forwards Upgrade-Insecure-Requests DNT Sec-WebSocket-Version',
  origin: 'Origin',
  range: 'Range',
  url: 'Referer',
  token: 'Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site Depth Overwrite',
  structured:
    'Sec-CH-UA Sec-CH-UA-Arch Sec-CH-UA-Bitness Sec-CH-UA-Full-Version Sec-CH-UA-Full-Version-List Sec-CH-UA-Mobile ' +
    'Sec-CH-UA-Model Sec-CH-UA-Platform Sec-CH-UA-Platform-Version Sec-CH-UA-WoW64 Sec-CH-UA-Form-Factors ' +
    'Sec-CH-Prefers-Color-Scheme Sec-CH-Prefers-Reduced-Motion Sec-Fetch-User Sec-Fetch-Storage-Access Sec-Purpose ' +
    'Purpose Sec-GPC Save-Data Device-Memory Downlink ECT RTT Viewport-Width Width DPR Sec-WebSocket-Key ' +
    'HTTP2-Settings Git-Protocol Timeout',
};

const RESPONSE: Names = {
  words:
    'Accept-Patch Accept-Post Alt-Svc Proxy-Authentication-Info Authentication-Info Server-Timing',
  tokens:
    'Vary Accept-CH Critical-CH Accept-Ranges Access-Control-Allow-Methods Access-Control-Allow-Headers ' +
    'Access-Control-Expose-Headers X-DNS-Prefetch-Control',
  credentials: 'WWW-Authenticate Proxy-Authenticate',
  number: 'Age Access-Control-Max-Age',
  origin: 'Access-Control-Allow-Origin',
  origins: 'Timing-Allow-Origin',
  token:
    'Access-Control-Allow-Credentials X-Content-Type-Options X-Permitted-Cross-Domain-Policies',
  entityTag: 'ETag',
  dateOrNumber: 'Expires Retry-After',
  url: 'Location SourceMap',
  cookie: 'Set-Cookie',
  text: 'Server X-Powered-By X-AspNet-Version X-Cache X-Served-By X-Robots-Tag X-UA-Compatible Refresh P3P',
  structured:
    'Strict-Transport-Security X-Frame-Options X-XSS-Protection Referrer-Policy Cross-Origin-Opener-Policy ' +
    'Cross-Origin-Embedder-Policy Cross-Origin-Resource-Policy Origin-Agent-Cluster Clear-Site-Data Expect-CT ' +
    'Cache-Status CDN-Cache-Control Proxy-Status Deprecation Sunset NEL Speculation-Rules No-Vary-Search DAV ' +
    'Sec-WebSocket-Accept',
  policy:
    'Content-Security-Policy Content-Security-Policy-Report-Only Permissions-Policy Feature-Policy Report-To ' +
    'Reporting-Endpoints',
};

/** The known names of a direction in lower case, each with its grammar. */
export function knownHeaders(
  direction: 'request' | 'response',
): readonly (readonly [name: string, grammar: GrammarName])[] {
  return [...pairsOf(BOTH), ...pairsOf(direction === 'request' ? REQUEST : RESPONSE)];
}

function pairsOf(names: Names): [string, GrammarName][] {
  // The keys are those of the type: the tables above are all there is.
  const grammars = Object.entries(names) as [GrammarName, string][];
  return grammars.flatMap(([grammar, text]) =>
    text.split(' ').map((name): [string, GrammarName] => [name.toLowerCase(), grammar]),
  );
}
