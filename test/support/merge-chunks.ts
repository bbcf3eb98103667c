// Chunked bodies with their chunks put together: how a stacked child cuts its output is no effect that anybody asked for.

const HEAD = /^[^]*?Transfer-Encoding: chunked\r\n(?:[^\r]+\r\n)*\r\n/;
const LAST_CHUNK = '0\r\n\r\n';

/** A text in which chunks that follow one another are one. What is no chunked body stays as it is. */
export function mergeChunks(text: string): string {
  const head = HEAD.exec(text)?.[0] ?? '';
  const { data, end } = chunksFrom(text, head.length);
  const merged = data === '' ? '' : `${data.length.toString(16)}\r\n${data}\r\n`;
  const rest = text.slice(end);
  if (!rest.startsWith(LAST_CHUNK)) return head + merged + rest;
  return head + merged + LAST_CHUNK + mergeChunks(rest.slice(LAST_CHUNK.length));
}

/** The data of the whole chunks that begin there, and where they end. */
function chunksFrom(text: string, from: number): { readonly data: string; readonly end: number } {
  let data = '';
  let end = from;
  for (;;) {
    const [line = '', size = '0'] = /^([0-9a-f]+)\r\n/.exec(text.slice(end, end + 20)) ?? [];
    const length = Number.parseInt(size, 16);
    const start = end + line.length;
    if (length === 0 || text.slice(start + length, start + length + 2) !== '\r\n') break;
    data += text.slice(start, start + length);
    end = start + length + 2;
  }
  return { data, end };
}
