// The world of the command line with everything in memory, for tests that run commands in this process.
import { InterfaceTable } from '../../src/address/interface-table.ts';
import { IpAddress } from '../../src/address/ip-address.ts';
import type { Output } from '../../src/cli/command.ts';
import type { World } from '../../src/cli/program.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { RunAs } from '../../src/instance/become-user.ts';
import type { Running } from '../../src/cli/run.ts';
import type { InstanceOptions } from '../../src/instance/instance.ts';
import type { LoadFault } from '../../src/instance/load-fault.ts';
import type { LoadedPolicy } from '../../src/instance/load-policy.ts';
import { loadPolicy } from '../../src/instance/load-policy.ts';
import { resolveNames } from '../../src/instance/resolve-names.ts';
import { plainPaint } from '../../src/log/paint.ts';
import type { ProcessLog } from '../../src/log/process-log.ts';
import type { DnsClient } from '../../src/session/outside.ts';
import { FakeKernel } from './fake-kernel.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryLog } from './memory-log.ts';

class MemoryProcessLog extends MemoryLog implements ProcessLog {
  readonly dropped = 0;
  readonly unwritten = 0;
  readonly isBlocked = false;

  flush(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

/** A world whose outputs are texts, whose names are a map, and whose instance only keeps what it is told. */
export class CliWorld implements World {
  out = '';
  err = '';
  readonly log = new MemoryProcessLog();
  /** Addresses by name; every other name is not found. */
  readonly names = new Map<string, readonly string[]>();
  #kernel: FakeKernel | undefined;
  typeFaults: readonly LoadFault[] = [];
  interfaces = InterfaceTable.EMPTY;
  /** What the instance was started and reloaded with. */
  readonly started: InstanceOptions[] = [];
  readonly reloaded: LoadedPolicy[] = [];
  readonly drained: number[] = [];
  /** What starting, reloading and draining come to. */
  starting: () => Promise<void> = () => Promise.resolve();
  reloading: () => Promise<void> = () => Promise.resolve();
  draining: () => Promise<void> = () => Promise.resolve();
  /** Who it was asked to run as, and with which files. */
  readonly became: (RunAs & { readonly files: readonly string[] })[] = [];
  becoming: () => void = () => undefined;
  /** What is wrong with keeping capabilities from programs. */
  capabilityProblem: string | undefined;
  listening: readonly string[] = ['127.0.0.1:8080'];
  readonly #signals = new Map<string, () => void>();
  #uncaught: ((error: unknown) => void) | undefined;

  /** DNS that knows the same names; every other one has no address. */
  readonly #dns: DnsClient = {
    query: ({ host, family }, _timeoutMs, done) => {
      const all = (this.names.get(host) ?? []).map((one) => IpAddress.parse(one));
      const addresses = all.filter((one) => one.family === family);
      queueMicrotask(() => done({ ok: true, addresses, ttlMs: 60_000 }));
    },
  };

  readonly output: Output = {
    out: (text: string) => void (this.out += text),
    err: (text: string) => void (this.err += text),
    paintOut: plainPaint,
    paintErr: plainPaint,
  };

  readonly tools: World['tools'] = {
    loadPolicy,
    openMachine: () => this.kernel,
    typeCheck: () => Promise.resolve(this.typeFaults),
    lookUpHost: (host) => {
      const addresses = this.names.get(host);
      if (addresses === undefined) return Promise.resolve({ ok: false, error: 'ENOTFOUND' });
      return Promise.resolve({ ok: true, addresses: addresses.map((one) => IpAddress.parse(one)) });
    },
    interfaces: () => this.interfaces,
    resolveNames: (loaded) => resolveNames(loaded, new ManualClock(), this.#dns),
    openLog: () => this.log,
    becomeUser: (wanted, files) => {
      this.became.push({ ...wanted, files });
      this.becoming();
    },
    keepCapabilitiesFromPrograms: () => this.capabilityProblem,
    runInstance: async (options) => {
      await this.starting();
      this.started.push(options);
      return this.#running();
    },
    process: {
      onSignal: (signal, call) => void this.#signals.set(signal, call),
      onUncaught: (call) => void (this.#uncaught = call),
    },
  };

  /** The machine of `zorp nft`; whoever uses it removes it. */
  get kernel(): FakeKernel {
    return (this.#kernel ??= new FakeKernel());
  }

  /** Runs the program with these words. @returns its exit code, and what it said this time. */
  async run(
    ...words: readonly string[]
  ): Promise<readonly [code: number, out: string, err: string]> {
    this.out = this.err = '';
    const code = await runProgram(words, this);
    return [code, this.out, this.err];
  }

  /** Sends a signal to the program. */
  signal(name: 'SIGHUP' | 'SIGINT' | 'SIGTERM'): void {
    this.#signals.get(name)?.();
  }

  /** Lets an exception reach the top of the program. */
  throwUncaught(error: unknown): void {
    this.#uncaught?.(error);
  }

  #running(): Running {
    return {
      listening: this.listening,
      reload: async (loaded) => {
        await this.reloading();
        this.reloaded.push(loaded);
      },
      drain: async (timeoutMs) => {
        this.drained.push(timeoutMs);
        await this.draining();
      },
    };
  }
}
