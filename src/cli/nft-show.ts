// zorp nft show: the packet filter as the kernel has it, and whether it is the one that it should be.

import type { FilterReport } from '../packet-filter/filter-report.ts';
import { reportFilter } from '../packet-filter/filter-report.ts';
import type { ExitCode, Output } from './command.ts';
import { printJson, safeLines } from './command.ts';
import type { NftTools } from './nft.ts';
import { printWarnings } from './nft.ts';
import type { TableOptions } from './nft-later.ts';
import { DEFAULT_TABLE } from './nft-later.ts';
import { filterText } from './nft-show-text.ts';

/** Shows it; with the path of a policy whether it was made from that. */
export async function nftShow(
  path: string | undefined,
  options: TableOptions,
  output: Output,
  tools: NftTools,
): Promise<ExitCode> {
  const loaded = path === undefined ? undefined : await tools.loadPolicy(path);
  const table = options.table ?? loaded?.policy.packetFilter.table ?? DEFAULT_TABLE;
  const report = await reportFilter(tools.openMachine(options.stateFolder), table);
  const wanted =
    loaded === undefined ? undefined : { file: loaded.file, revision: loaded.revision };
  if (options.json) printJson(output, reportData(report, wanted));
  else output.out(safeLines(filterText(report, wanted).trimEnd()));
  printWarnings(report.faults, output);
  return 0;
}

function reportData(
  report: FilterReport,
  wanted: { readonly file: string; readonly revision: string } | undefined,
): object {
  const { listing, ...rest } = report;
  return {
    ok: report.faults.length === 0,
    ...rest,
    policy: wanted && { ...wanted, isThis: wanted.revision === report.revision },
    counters: listing?.counters.map(({ name, packets, bytes }) => ({ name, packets, bytes })),
    sets: listing?.sets.map(({ name, type, elem = [] }) => ({ name, type, elements: elem })),
  };
}
