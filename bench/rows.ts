// The rows of the table: what is done, how much of it in a round, and the figure that comes out.

import type { Name, PortName } from './contender.ts';
import { fetchLarge } from './load/large.ts';
import { checkRefusals } from './load/refusals.ts';
import type { PolicyRequestOptions } from './load/request-text.ts';
import { policyRequests, requestText } from './load/request-text.ts';
import { connectAndRequest, openIdle, requestOnKeptConnections } from './load/small.ts';
import { withLines } from './log-lines.ts';
import { CONNECTING, cpuRow, FETCHING, IDLE, measureMemory, MEMORY_ROW } from './measure-cost.ts';
import type { Measured, Row, Subject } from './row.ts';
import { TLS_ROWS } from './tls-rows.ts';

const CONNECTIONS = 64;
/** How a server is asked under the policy. */
const ORIGIN = { form: 'origin', host: 'www.bench.example' } as const;
// They keep as much for a connection as all others together, and opening thousands takes them long.
const WITHOUT_SLOW: readonly Name[] = ['squid', 'http-proxy'];

/** All rows. */
export const ROWS: readonly Row[] = [
  {
    id: 'http-keep-alive',
    table: 'plain',
    title: 'HTTP, 1 KiB answers, 64 kept connections',
    ...cpuRow('request', 'requests', (subject, count) =>
      requestOnKeptConnections({ ...loadOf(subject, 'http', count), connections: CONNECTIONS }),
    ),
    needs: 'http',
  },
  {
    id: 'http-policy',
    table: 'plain',
    title: 'the same, method, 10,000 domains and 4 fields checked',
    ...cpuRow('request', 'requests', async (subject, count) => {
      const load = { ...loadOf(subject, 'policy', count), connections: CONNECTIONS };
      const request = await permittedRequest(subject, load.port, {
        ...ORIGIN,
        connection: 'keep-alive',
      });
      await requestOnKeptConnections({ ...load, request });
    }),
    needs: 'policy',
  },
  {
    id: 'http-forward',
    table: 'plain',
    title: 'the same, explicit proxy',
    ...cpuRow('request', 'requests', (subject, count) => {
      const load = { ...loadOf(subject, 'forward', count), connections: CONNECTIONS };
      const host = `127.0.0.1:${subject.serverPort}`;
      const target = `http://${host}/small`;
      const request = requestText({ connection: 'keep-alive', host, target });
      return requestOnKeptConnections({ ...load, request });
    }),
    needs: 'forward',
  },
  {
    id: 'http-forward-policy',
    table: 'plain',
    title: 'explicit proxy with the whole policy',
    ...cpuRow('request', 'requests', async (subject, count) => {
      const load = { ...loadOf(subject, 'forwardPolicy', count), connections: CONNECTIONS };
      const host = `localhost:${subject.serverPort}`;
      const options = { form: 'absolute', host, connection: 'keep-alive' } as const;
      const request = await permittedRequest(subject, load.port, options);
      await requestOnKeptConnections({ ...load, request });
    }),
    needs: 'forwardPolicy',
  },
  {
    id: 'http-connect',
    table: 'plain',
    title: 'HTTP, a connection a request',
    ...cpuRow('connection', 'connections', (subject, count) =>
      connectAndRequest(
        { ...loadOf(subject, 'httpOnce', count), connections: CONNECTING },
        'server',
      ),
    ),
    needs: 'httpOnce',
  },
  {
    id: 'http-connect-policy',
    table: 'plain',
    title: 'HTTP, a connection a request, with the whole policy',
    ...cpuRow('connection', 'connections', async (subject, count) => {
      const load = { ...loadOf(subject, 'policyOnce', count), connections: CONNECTING };
      const request = await permittedRequest(subject, load.port, {
        ...ORIGIN,
        connection: 'close',
      });
      await connectAndRequest({ ...load, request }, 'server');
    }),
    needs: 'policyOnce',
  },
  {
    id: 'http-connect-logged',
    table: 'plain',
    title: 'HTTP, a connection a request, both with a rule and a log line',
    ...cpuRow('connection', 'connections', (subject, count) => {
      const load = { ...loadOf(subject, 'httpOnceLogged', count), connections: CONNECTING };
      return withLines(subject.log, count, () => connectAndRequest(load, 'server'));
    }),
    needs: 'httpOnceLogged',
  },
  {
    id: 'http-large',
    table: 'plain',
    title: 'HTTP, 100 MiB answers',
    ...cpuRow('GiB', 'bodies', (subject, count) =>
      fetchLarge({ ...loadOf(subject, 'http', count), connections: FETCHING }),
    ),
    needs: 'http',
  },
  {
    id: 'plug-keep-alive',
    table: 'plain',
    title: 'plug, 1 KiB answers, 64 kept connections',
    ...cpuRow('request', 'requests', (subject, count) =>
      requestOnKeptConnections({ ...loadOf(subject, 'plug', count), connections: CONNECTIONS }),
    ),
    needs: 'plug',
  },
  {
    id: 'plug-bulk',
    table: 'plain',
    title: 'plug, 100 MiB to the client',
    ...cpuRow('GiB', 'bodies', (subject, count) =>
      fetchLarge({ ...loadOf(subject, 'plug', count), connections: FETCHING }),
    ),
    needs: 'plug',
  },
  {
    id: 'plug-connect',
    table: 'plain',
    title: 'plug, a connection for 1 KiB',
    ...cpuRow('connection', 'connections', (subject, count) =>
      connectAndRequest({ ...loadOf(subject, 'plug', count), connections: CONNECTING }, 'client'),
    ),
    needs: 'plug',
  },
  {
    id: 'plug-connect-logged',
    table: 'plain',
    title: 'plug, a connection for 1 KiB, both with a rule and a log line',
    ...cpuRow('connection', 'connections', (subject, count) => {
      const load = { ...loadOf(subject, 'plugLogged', count), connections: CONNECTING };
      return withLines(subject.log, count, () => connectAndRequest(load, 'client'));
    }),
    needs: 'plugLogged',
  },
  {
    id: 'idle-memory',
    table: 'plain',
    title: 'memory of an idle kept HTTP connection',
    ...MEMORY_ROW,
    costUnit: 'KiB/connection',
    needs: 'http',
    without: WITHOUT_SLOW,
    measure: (subject) => measureIdle(subject, 'http'),
  },
  {
    id: 'plug-idle',
    table: 'plain',
    title: 'memory of an idle plug, both its connections',
    ...MEMORY_ROW,
    costUnit: 'KiB/pair',
    needs: 'plug',
    measure: (subject) => measureIdle(subject, 'plug'),
  },
  ...TLS_ROWS,
];

/** What the policy under test permits, once everything was refused that it must not let through. */
async function permittedRequest(
  { signal }: Subject,
  port: number,
  options: PolicyRequestOptions,
): Promise<string> {
  const { permitted, refused } = policyRequests(options);
  await checkRefusals(refused, port, signal);
  return permitted;
}

function measureIdle(subject: Subject, name: PortName): Promise<Measured> {
  const load = loadOf(subject, name, IDLE);
  return measureMemory(subject.pid, load.count, (count) =>
    openIdle({ ...load, count, connections: CONNECTING }),
  );
}

interface Target {
  readonly port: number;
  readonly count: number;
  readonly hasAddedField: boolean;
  readonly signal: AbortSignal;
}

function loadOf({ ports, signal }: Subject, name: PortName, count: number): Target {
  const port = ports[name];
  if (port === undefined) throw new Error(`This proxy has no ${name}`);
  return { port, count, hasAddedField: !name.startsWith('plug'), signal };
}
