// Mail that is handed in over TLS or not at all: SMTP begins in plain text, and goes on inside of TLS when the client asks
// for it (RFC 3207). Zorp asks the server for the same, so nothing but greetings passes in plain text on either side.

import {
  accept,
  customProxy,
  definePolicy,
  directedRouter,
  forwardStartTlsEncryption,
  listener,
  reject,
  service,
  staticCertificate,
  zone,
} from 'zorp';
import type { Peer, Waiting } from 'zorp';

const IN_PLAIN_TEXT = new Set(['EHLO', 'HELO', 'NOOP', 'RSET', 'QUIT']);

/** One answer of the server, which may have several lines: all but the last have a hyphen behind the code. */
function* readReply(server: Peer): Waiting<readonly string[]> {
  const lines: string[] = [];
  for (;;) {
    const line = yield* server.readLine();
    if (line === undefined) return lines;
    lines.push(line);
    if (line[3] !== '-') return lines;
  }
}

const handIn = customProxy('smtp', function* ({ client, server, connect, relay }) {
  yield* connect();
  for (const line of yield* readReply(server)) client.sendLine(line);
  for (;;) {
    const command = yield* client.readLine();
    if (command === undefined) return accept();
    const verb = command.slice(0, 4).toUpperCase();
    if (command.toUpperCase() === 'STARTTLS') {
      server.sendLine('STARTTLS');
      const [answer = ''] = yield* readReply(server);
      if (!answer.startsWith('220')) return reject('The mail server offers no TLS');
      yield* server.startTls();
      client.sendLine('220 Go ahead');
      yield* client.startTls();
      yield* relay();
      return accept();
    }
    if (IN_PLAIN_TEXT.has(verb)) {
      server.sendLine(command);
      for (const line of yield* readReply(server)) client.sendLine(line);
    } else client.sendLine('530 Must issue a STARTTLS command first');
  }
});

const mail = service('mail', {
  proxy: handIn,
  router: directedRouter({ destination: '10.99.0.25:25' }),
  encryption: forwardStartTlsEncryption({
    clientCertificate: staticCertificate({
      certificate: 'certificates/www.example.pem',
      privateKey: 'certificates/www.example.key',
    }),
    serverName: 'partner.example',
    serverVerify: { authorities: 'certificates/authority.pem' },
  }),
});

const office = zone('office', { subnets: ['10.1.0.0/16'], outboundServices: [mail] });
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'], inboundServices: [mail] });

export default definePolicy({
  zones: [office, dmz],
  listeners: [listener('10.1.0.1:25', mail)],
});
