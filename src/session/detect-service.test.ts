// What a detection asks of its host, and when; the whole of it is in detecting-session.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { idleProxy, wrong } from '../../test/support/policy-samples.ts';
import type { DetectLine } from '../policy/rule.ts';
import { service } from '../policy/service.ts';
import { httpDetector } from '../protocols/http/index.ts';
import type { Detection } from '../proxy/detector.ts';
import { askMatcher } from '../proxy/matcher.ts';
import { declare } from '../proxy/policy-fault.ts';
import type { SeenCertificate } from '../proxy/tls-facts.ts';
import type { DetectionHost } from './detect-service.ts';
import { ServiceDetection } from './detect-service.ts';

const web: DetectLine = {
  detector: httpDetector(),
  service: service('web', { proxy: idleProxy() }),
};

describe('a detection without a protocol whose server speaks first', () => {
  it('never connects, and ends once, without a timer left', () => {
    const clock = new ManualClock();
    const ends: string[] = [];
    const host: DetectionHost = {
      clock,
      connect: () => assert.fail('No server is asked'),
      certificateOf: () => assert.fail('No server is visited'),
      detected: (result) => ends.push(result === 'none' ? 'none' : result.service.name),
      lost: () => ends.push('lost'),
      failed: ({ code }) => ends.push(code),
    };
    const stream = new FakeStream();
    const detection = new ServiceDetection([web], stream, host);
    detection.start();
    clock.advance(4_000);
    assert.deepEqual(ends, []);
    clock.advance(1_000);
    detection.abort();
    assert.deepEqual([ends, clock.armed, stream.calls], [['none'], 0, ['reset']]);
  });
});

describe('a detection by the certificate of a server', () => {
  it('ends at once where the function that judges it fails', () => {
    const clock = new ManualClock();
    const ends: string[] = [];
    let show: (certificate: SeenCertificate) => void = () => assert.fail('No server was visited');
    const host: DetectionHost = {
      clock,
      connect: () => assert.fail('No server is asked'),
      certificateOf: (_line, _hello, done) => {
        show = done;
        return () => undefined;
      },
      detected: () => ends.push('detected'),
      lost: () => ends.push('lost'),
      failed: ({ code, message }) => ends.push(code, message),
    };
    const judgeCertificate = (): boolean => askMatcher('detector', () => wrong(7), 'a.example');
    const detect = (): Detection => 'certificate';
    const detector = declare({ ...httpDetector(), detect, judgeCertificate }, httpDetector);
    const stream = new FakeStream();
    const detection = new ServiceDetection([{ ...web, detector }], stream, host);
    detection.start();
    stream.says('a hello').settle();
    show({ subject: '', issuer: '', names: ['a.example'], fingerprint: '', isTrusted: true });
    detection.abort();
    assert.deepEqual(ends, [
      'policy.invalid-result',
      'The detector returned 7: return true or false',
    ]);
    assert.deepEqual([clock.armed, stream.calls[0]], [0, 'reset']);
  });
});
