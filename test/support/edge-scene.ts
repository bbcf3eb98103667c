// A policy on the firewall of a network lab: its packet filter in the kernel, and Zorp beside it.
import assert from 'node:assert/strict';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { NETWORKS, NetworkLab } from './network-lab.ts';
import type { LabOptions } from './system-lab.ts';
import type { Owner, ProcessEnd } from './system-process.ts';
import { until } from './system-wait.ts';
import { RunningZorp, zorpCommand } from './system-zorp.ts';

/** The subnets of both networks as the text of a policy. */
export const SUBNETS = {
  clients: JSON.stringify(Object.values(NETWORKS.client)),
  servers: JSON.stringify(Object.values(NETWORKS.server)),
} as const;

/** How a scene begins. */
export interface EdgeOptions {
  /** The text of the policy, or the path of its file. */
  readonly policy: string | { readonly file: string };
  readonly hosts?: LabOptions['hosts'];
  /** Further arguments of `zorp run`. */
  readonly args?: readonly string[];
}

/** A firewall that runs a policy. */
export class EdgeScene {
  readonly network: NetworkLab;
  readonly policyFile: string;
  readonly #owner: Owner;
  #zorp: RunningZorp | undefined;

  constructor(network: NetworkLab, policyFile: string, owner: Owner) {
    this.network = network;
    this.policyFile = policyFile;
    this.#owner = owner;
  }

  /** Makes the network, commits the packet filter and starts Zorp. */
  static async open(owner: Owner, options: EdgeOptions): Promise<EdgeScene> {
    const scene = await EdgeScene.prepare(owner, options);
    await scene.commit();
    await scene.run(options.args);
    return scene;
  }

  /** Makes the network and writes the policy, and does nothing with it yet. */
  static async prepare(owner: Owner, { policy, hosts }: EdgeOptions): Promise<EdgeScene> {
    const network = await NetworkLab.open(owner, hosts);
    const file =
      typeof policy === 'string' ? network.firewall.write('policy.ts', policy) : policy.file;
    return new EdgeScene(network, file, owner);
  }

  get zorp(): RunningZorp {
    assert.ok(this.#zorp !== undefined, 'zorp run was not started');
    return this.#zorp;
  }

  /** Runs a command of zorp on the firewall to its end. */
  command(...args: readonly string[]): Promise<ProcessEnd> {
    return this.network.firewall.run(zorpCommand(...args));
  }

  /** Runs `zorp nft` with these words. @throws an assertion with what it said, if it fails. */
  async nft(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.command('nft', ...words);
    assert.equal(status, 0, `zorp nft ${words.join(' ')}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Puts the packet filter of the policy into the kernel. */
  async commit(): Promise<void> {
    await this.nft('commit', this.policyFile);
  }

  /** Starts Zorp and waits until it listens. */
  async run(args: readonly string[] = []): Promise<RunningZorp> {
    const { firewall } = this.network;
    const inside = { inside: firewall.inside.bind(firewall), args };
    this.#zorp = await RunningZorp.start(this.#owner, this.policyFile, inside);
    return this.#zorp;
  }

  /** Waits for a record that is like this one. */
  async record(what: string, isIt: (record: DecisionRecord) => boolean): Promise<DecisionRecord> {
    const { zorp } = this;
    const seen = (): string => zorp.process.stdout + zorp.process.stderr;
    return until(`the record of ${what}`, () => zorp.records.find(isIt), { seen });
  }

  /** The record of the connection from a port of the client. */
  recordFrom(port: number): Promise<DecisionRecord> {
    return this.record(`port ${port}`, ({ client }) => client.port === port);
  }
}
