// A WebSocket server and clients as programs, for the inside of a lab. The server is that of the library `ws`; a client is
// either that of the library, which may come from any address, or the one that Node has, which is that of browsers.
//   node system-websocket-main.ts serve ADDRESS PORT   says each message back; prints the head of each request
//   node system-websocket-main.ts talk '{"url":...}'   prints what the client saw
import { once } from 'node:events';
import { WebSocket as LibraryClient, WebSocketServer } from 'ws';

/** What a client does. */
export interface WebSocketTalk {
  readonly url: string;
  readonly client: 'library' | 'node';
  /** The address to come from, for the client of the library. */
  readonly from?: string;
  readonly origin?: string;
  readonly protocols?: readonly string[];
  /** Texts to send; each is sent when the one before it was said back, or at once where it is not. */
  readonly say: readonly string[];
  /** Bytes of a binary message that is sent behind them. */
  readonly binaryBytes?: number;
  /** How many messages have to come before the client ends the connection. */
  readonly expect: number;
}

/** What a client saw. */
export interface PrintedWebSocket {
  readonly isOpened: boolean;
  readonly protocol: string;
  readonly extensions: string;
  /** Texts, and the lengths of binary messages. */
  readonly heard: readonly (string | number)[];
  /** How it was closed. */
  readonly code: number;
  readonly reason: string;
}

const [command, ...args] = process.argv.slice(2);
if (command === 'talk') await printTalk(JSON.parse(args[0] ?? '') as WebSocketTalk);
else if (command === 'serve') await serve(args[0] ?? '', Number(args[1]));

async function serve(host: string, port: number): Promise<void> {
  const server = new WebSocketServer({
    host,
    port,
    perMessageDeflate: true, // it would compress if it was let
    handleProtocols: (protocols) => [...protocols][0] ?? false,
  });
  server.on('connection', (socket, request) => {
    print({ url: request.url, headers: request.headers });
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('error', () => undefined); // the client sees how it ends
  });
  await once(server, 'listening');
  print('ready');
}

async function printTalk(talk: WebSocketTalk): Promise<void> {
  const { client, from, origin } = talk;
  const protocols = [...(talk.protocols ?? [])];
  const headers = origin === undefined ? {} : { Origin: origin };
  const socket =
    client === 'library'
      ? new LibraryClient(talk.url, protocols, { localAddress: from, headers })
      : new WebSocket(talk.url, { protocols, headers });
  socket.binaryType = 'arraybuffer';
  const heard: (string | number)[] = [];
  let isOpened = false;
  const ended = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
      resolve({ code, reason });
    };
  });
  socket.onerror = () => undefined; // `onclose` follows
  socket.onmessage = ({ data }: { data: unknown }) => {
    heard.push(data instanceof ArrayBuffer ? data.byteLength : String(data));
    if (heard.length === talk.expect) socket.close(1000, 'bye');
  };
  socket.onopen = () => {
    isOpened = true;
    for (const text of talk.say) socket.send(text);
    if (talk.binaryBytes !== undefined) socket.send(new Uint8Array(talk.binaryBytes));
  };
  const { code, reason } = await ended;
  const { protocol, extensions } = socket;
  print({ isOpened, protocol, extensions, heard, code, reason } satisfies PrintedWebSocket);
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
