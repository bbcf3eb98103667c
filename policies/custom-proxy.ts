// A guard for a key-value store that knows no users: only GET and SET pass, and only on keys of the client's own zone.
// The protocol is a line a command and a line an answer: change COMMAND, and this is a guard for yours.

import {
  accept,
  customProxy,
  definePolicy,
  directedRouter,
  listener,
  reject,
  service,
  zone,
} from 'zorp';

/** What may be said: GET KEY and SET KEY VALUE, in characters that mean nothing else to anybody. */
const COMMAND = /^(?:GET (?<get>[a-z0-9:]{1,64})|SET (?<set>[a-z0-9:]{1,64}) [\w .,-]{0,256})$/;

/** The key that a command is about; undefined if it is no command that may be said. */
function keyOf(line: string): string | undefined {
  const { get, set } = COMMAND.exec(line)?.groups ?? {};
  return get ?? set;
}

/** The proxy of the store; exported so that a test can play it. */
export const storeProxy = customProxy(
  'store',
  function* ({ client, server, connect, session }) {
    yield* connect();
    const greeting = yield* server.readLine();
    if (greeting === undefined) return reject('The store does not answer');
    client.sendLine(greeting);

    const prefix = `${session.clientZone?.name ?? 'nobody'}:`;
    for (;;) {
      const line = yield* client.readLine();
      if (line === undefined || line === 'QUIT') return accept();

      const key = keyOf(line);
      if (key === undefined) {
        client.sendLine('- only GET and SET are permitted');
        continue;
      }
      if (!key.startsWith(prefix)) return reject(`The keys of this zone begin with ${prefix}`);

      server.sendLine(line);
      const answer = yield* server.readLine();
      if (answer === undefined) return reject('The store has gone away');
      client.sendLine(answer);
    }
  },
  { clientMaxLineLength: 400, timeoutMs: 60_000, tellRefusal: ({ message }) => `- ${message}\r\n` },
);

const store = service('store', {
  proxy: storeProxy,
  router: directedRouter({ destination: '10.99.0.55:6400' }),
  limits: { maxInstances: 100 },
});

const intranet = zone('intranet', { subnets: ['10.0.0.0/8'], outboundServices: [store] });
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'], inboundServices: [store] });

export default definePolicy({
  zones: [intranet, dmz],
  listeners: [listener('10.0.0.1:6400', store)],
});
