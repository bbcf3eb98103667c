// A running Zorp whose policy a test changes.
import { writeFileSync } from 'node:fs';
import { policyPath } from './system-policy.ts';
import type { Owner } from './system-process.ts';
import { talk } from './system-tcp.ts';
import { RunningZorp } from './system-zorp.ts';

/** A Zorp with a policy file that a test can change. */
export class Site {
  readonly zorp: RunningZorp;
  readonly port: number;
  readonly #file: string;

  constructor(zorp: RunningZorp, file: string) {
    this.zorp = zorp;
    this.#file = file;
    this.port = zorp.port;
  }

  static async open(owner: Owner, policy: string): Promise<Site> {
    const file = policyPath(owner);
    writeFileSync(file, policy);
    return new Site(await RunningZorp.start(owner, file), file);
  }

  /** Gives it another policy and waits until it has said what came of it. */
  async reload(policy: string, code: 'policy.reloaded' | 'policy.refused'): Promise<void> {
    writeFileSync(this.#file, policy);
    this.zorp.process.signal('SIGHUP');
    await this.zorp.says(code);
  }

  /** Which server a new connection gets to. */
  async ask(): Promise<string> {
    const { received, ended } = await talk({ port: this.port });
    return ended === 'end' ? received.toString() : ended;
  }
}
