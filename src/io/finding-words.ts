// What OpenSSL finds wrong with a certificate, in words for the people who read error pages and logs.

const NO_AUTHORITY_KNOWN = 'no authority that is trusted vouches for it';

/** By the names of verify errors of OpenSSL (openssl-verification-options(1)), as Node or this project writes them. */
const WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  CERT_REVOKED: 'its authority has revoked it',
  INVALID_PURPOSE: 'it was made for something else',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'nobody but itself vouches for it',
  SELF_SIGNED_CERT_IN_CHAIN: 'the authority that vouches for it is not trusted',
  CERT_UNTRUSTED: 'the authority that vouches for it is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: NO_AUTHORITY_KNOWN,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NO_AUTHORITY_KNOWN,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NO_AUTHORITY_KNOWN,
  INVALID_CA: 'who has signed it is no authority',
  INVALID_CA_CERTIFICATE: 'who has signed it is no authority',
  CERT_SIGNATURE_FAILURE: 'its signature is wrong',
  EE_CERTIFICATE_KEY_TOO_WEAK: 'its key is too weak',
  CA_CERTIFICATE_KEY_TOO_WEAK: 'the key of an authority is too weak',
  CA_SIGNATURE_DIGEST_ALGORITHM_TOO_WEAK: 'it was signed in a way that can be forged',
};

/**
 * One sentence about the certificate of this peer, with the name of the finding in brackets; findings without words of their
 * own have their name only.
 */
export function explainFinding(finding: string, peer: string): string {
  const words = WORDS[finding];
  const end = words === undefined ? `: ${finding}` : `: ${words} (${finding})`;
  return `The certificate of ${peer} is not accepted${end}`;
}
