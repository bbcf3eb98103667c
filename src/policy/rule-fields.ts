// The fields of a rule as schemas whose error texts are cures.

import { z } from 'zod';
import { Subnet } from '../address/subnet.ts';
import type { Detector } from '../proxy/detector.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { showValue } from '../proxy/policy-fault.ts';
import { anyNumberOf, objectOf, parsed } from './fields.ts';
import { hasPorts, isIcmp, PROTOCOL_NUMBERS, showProtocol } from './ip-protocol.ts';
import { portList } from './port-list.ts';
import type { AnyService, DenyService, Service } from './service.ts';
import type { VisitingRule } from './visiting-service.ts';
import { visitingService } from './visiting-service.ts';
import type { Zone } from './zone.ts';

/** Interface groups and IPsec request ids are unsigned 32-bit numbers in Linux. */
export const MAX_WORD = 0xffff_ffff;
/** IP protocols, ICMP types and ICMP codes are one byte (RFC 791, 3.1; RFC 792). */
export const MAX_BYTE = 255;
const MAX_NAME = 100; // characters of a name: it stands in one line with what the rule does

/** A whole number of `min` to `max`, or the cure. */
function wholeNumber(min: number, max: number, cure: string): z.ZodNumber {
  return z.int({ error: cure }).min(min, { error: cure }).max(max, { error: cure });
}

const zones = anyNumberOf(
  objectOf<Zone>(['zone'], 'give a zone made by zone(), or a list of them'),
  'give a zone made by zone(), or a list of them',
);
const SUBNET_CURE = 'give a subnet as text, such as "10.0.0.0/8", or a list of them';
const subnets = anyNumberOf(
  parsed((text) => Subnet.parse(text), SUBNET_CURE),
  SUBNET_CURE,
);

const BYTE_CURE = `give a whole number of 0 to ${MAX_BYTE}, or a list of them`;
const bytes = anyNumberOf(wholeNumber(0, MAX_BYTE, BYTE_CURE), BYTE_CURE);
const WORD_CURE = `give a whole number of 0 to ${MAX_WORD}, or a list of them`;
const words = anyNumberOf(wholeNumber(0, MAX_WORD, WORD_CURE), WORD_CURE);

const PROTOCOL_CURE = `give "tcp", "udp", "icmp", "icmpv6" or a number of 0 to ${MAX_BYTE}, or a list of them`;
const protocols = anyNumberOf(
  z.union(
    [
      z.enum(['tcp', 'udp', 'icmp', 'icmpv6']).transform((name) => PROTOCOL_NUMBERS[name]),
      wholeNumber(0, MAX_BYTE, PROTOCOL_CURE),
    ],
    { error: PROTOCOL_CURE },
  ),
  PROTOCOL_CURE,
);

/** The name of an interface: Linux keeps 16 bytes with a final NUL and forbids "/", ":" and white space (dev_valid_name). */
export const INTERFACE_NAME = /^[^\s/:]{1,15}$/;
const INTERFACE_CURE =
  'give the name of an interface, such as "eth0": at most 15 characters, without "/", ":" or spaces; or a list of them';
const interfaces = anyNumberOf(
  z.string({ error: INTERFACE_CURE }).regex(INTERFACE_NAME, { error: INTERFACE_CURE }),
  INTERFACE_CURE,
);

const SERVICE_CURE = 'give a service made by service(), pfService() or denyService()';
const service = objectOf<AnyService>(['service', 'pf-service', 'deny-service'], SERVICE_CURE);
const DETECTED_CURE =
  'give a service made by service() or denyService(): what is detected is in the hands of a proxy already';
const detected = objectOf<Service | DenyService>(['service', 'deny-service'], DETECTED_CURE);
const detectLine = z
  .strictObject({
    detector: objectOf<Detector>(['detector'], 'give a detector, such as httpDetector()'),
    service: detected,
  })
  .readonly();

const NAME_CURE = `give a text of 1 to ${MAX_NAME} characters`;
const ID_CURE = `give a whole number of 1 to ${MAX_WORD}`;

/** The options of `rule`. */
export const ruleSchema = z.strictObject({
  name: z
    .string({ error: NAME_CURE })
    .min(1, { error: NAME_CURE })
    .max(MAX_NAME, { error: NAME_CURE })
    .optional(),
  id: wholeNumber(1, MAX_WORD, ID_CURE).optional(),
  service: service.optional(),
  detect: z
    .array(detectLine, {
      error: 'give a list of lines such as { detector: httpDetector(), service: web }',
    })
    .readonly()
    .default([]),
  from: zones.default([]),
  to: zones.default([]),
  sourceSubnets: subnets.default([]),
  destinationSubnets: subnets.default([]),
  sourcePorts: portList.optional(),
  ports: portList.optional(),
  protocols: protocols.default([]),
  icmpTypes: bytes.default([]),
  icmpCodes: bytes.default([]),
  interfaces: interfaces.default([]),
  interfaceGroups: words.default([]),
  destinationInterfaces: interfaces.default([]),
  destinationInterfaceGroups: words.default([]),
  requestIds: words.default([]),
});
registerOptions('rule', ruleSchema);

/** The options as the schema makes them. */
export type RuleSettings = z.output<typeof ruleSchema>;

/**
 * What no field says by itself: a rule that starts nothing, and conditions that no packet can meet together. What has a
 * fault already is not judged: nobody knows what it should have been.
 */
export function conflictFaults(settings: RuleSettings, faults: readonly Fault[]): readonly Fault[] {
  const faulty = new Set(faults.map(({ path }) => /^\w*/.exec(path)?.[0]));
  const found: Fault[] = [];
  if (!faulty.has('service') && !faulty.has('detect'))
    found.push(...serviceFaults(settings), ...detectFaults(settings));
  if (faulty.has('protocols')) return found;
  for (const path of ['icmpTypes', 'icmpCodes'] as const) found.push(...icmpFaults(settings, path));
  for (const path of ['sourcePorts', 'ports'] as const) found.push(...portFaults(settings, path));
  return found;
}

function serviceFaults({ service, detect }: RuleSettings): readonly Fault[] {
  if (service !== undefined || detect.length > 0) return [];
  return [{ path: 'service', value: 'undefined', cure: SERVICE_CURE }];
}

/** What detectors do not recognise has been accepted, too. */
function detectFaults({ service: rest, detect }: RuleSettings): readonly Fault[] {
  if (detect.length > 0 && rest?.kind === 'pf-service')
    return [{ path: 'service', value: showValue(rest), cure: DETECTED_CURE }];
  return detect.flatMap((line, index) => visitFaults({ detect, service: rest }, line, index));
}

/** A certificate is fetched before any protocol could name the server. */
function visitFaults(
  of: VisitingRule,
  line: RuleSettings['detect'][number],
  index: number,
): readonly Fault[] {
  if (line.detector.judgeCertificate === undefined) return [];
  const visiting = visitingService(of, line);
  if (visiting !== undefined && visiting.router.type !== 'inband') return [];
  const path = `detect[${String(index)}].service`;
  return [{ path, value: showValue(visiting ?? line.service), cure: VISIT_CURE }];
}

const VISIT_CURE =
  'give a service whose router knows its server, such as transparentRouter() or directedRouter(); for a denyService, another line or the rule needs such a service: Zorp visits the server as its session, to see the certificate';

function icmpFaults(settings: RuleSettings, path: 'icmpTypes' | 'icmpCodes'): readonly Fault[] {
  if (settings[path].length === 0 || settings.protocols.some(isIcmp)) return [];
  const cure = 'add protocols: "icmp" or "icmpv6": no other protocol has types and codes';
  return [{ path, value: showValue(settings[path]), cure }];
}

function portFaults(settings: RuleSettings, path: 'sourcePorts' | 'ports'): readonly Fault[] {
  const { protocols } = settings;
  const set = settings[path];
  if (set === undefined || protocols.length === 0 || protocols.some(hasPorts)) return [];
  const named = protocols.map(showProtocol).join(' and ');
  const cure = `remove it, or add protocols: "tcp" or "udp": ${named} has no ports`;
  return [{ path, value: showValue(String(set)), cure }];
}
