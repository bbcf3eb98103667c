// What a detection asks of its host, and when; the whole of it is in detecting-session.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { idleProxy } from '../../test/support/policy-samples.ts';
import type { DetectLine } from '../policy/rule.ts';
import { service } from '../policy/service.ts';
import { httpDetector } from '../protocols/http/index.ts';
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
