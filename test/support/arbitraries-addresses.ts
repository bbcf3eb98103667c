// Socket addresses of the whole internet, IPv4-mapped ones included.
import fc from 'fast-check';
import { SocketAddress } from '../../src/address/socket-address.ts';

/** Any address and port. */
export function socketAddresses(): fc.Arbitrary<SocketAddress> {
  const mapped = fc.ipV4().map((text) => `::ffff:${text}`);
  const texts = fc.oneof(fc.ipV4(), fc.ipV6(), mapped);
  return fc.tuple(texts, fc.nat(65_535)).map(([text, port]) => SocketAddress.of(text, port));
}
