import {
  justFinished,
  withJob,
  withPage,
  withProgress
} from '../src/model/jobs';
import { job, summary as summaryOf, tick } from './job';

const older = job({ id: 'a', created_at: '2026-11-22T10:00:00Z' });
const newer = job({ id: 'b', created_at: '2026-11-22T11:00:00Z' });
const summary = summaryOf({ x: 1 });

test('jobs stand newest first, whatever order they come in', () => {
  const ids = withJob(withJob([], newer), older).map(({ id }) => id);
  expect(ids).toEqual(['b', 'a']);
  expect(withPage([], [older, newer]).map(({ id }) => id)).toEqual(['b', 'a']);
});

test('an event replaces what was known of its job, and nothing else', () => {
  const jobs = withJob([newer, older], { ...older, state: 'failed' });
  expect(jobs).toHaveLength(2);
  expect(jobs[0]).toBe(newer);
  expect(jobs[1]?.state).toBe('failed');
});

test('a job that is queued again after a lost worker is shown as queued', () => {
  const lost = { ...older, progress: tick({ job_id: 'a' }) };
  const [again] = withJob([lost], { ...older, state: 'queued' });
  expect(again?.state).toBe('queued');
  expect(again?.progress).toBeNull();
});

test('an event without a tick keeps the last one', () => {
  const progress = tick({ job_id: 'a' });
  const [kept] = withJob([{ ...older, progress }], { ...older });
  expect(kept?.progress).toBe(progress);
});

test('a summary once read stays', () => {
  const done = { ...older, state: 'succeeded' as const, summary };
  expect(withJob([done], { ...done, summary: null })[0]?.summary).toBe(summary);
  expect(withPage([done], [{ ...done, summary: null }])[0]?.summary).toBe(
    summary
  );
});

test('the summary of an attempt before is none of this one', () => {
  const done = {
    ...older,
    state: 'succeeded' as const,
    finished_at: '2026-11-22T10:05:00Z',
    summary
  };
  const again = { ...older, state: 'queued' as const };
  expect(withJob([done], again)[0]?.summary).toBeNull();
});

test('a page that is late does not bring a finished job back to life', () => {
  const done = { ...older, state: 'succeeded' as const };
  const heard = (id: string) => id === 'a';
  expect(withPage([done], [older], heard)[0]?.state).toBe('succeeded');
});

test('a job that was heard of while the page was on its way stays', () => {
  const heard = (id: string) => id === 'b';
  expect(withPage([newer], [older], heard)).toEqual([newer, older]);
});

test('a job that was retried elsewhere comes back to life with its page', () => {
  const ended = job({ state: 'failed', finished_at: '2026-11-22T14:05:00Z' });
  const again = job({ state: 'running', started_at: '2026-11-22T14:06:00Z' });
  expect(withPage([ended], [again])[0]?.state).toBe('running');
});

test('a job that a page does not name is gone', () => {
  expect(withPage([newer, older], [newer])).toEqual([newer]);
});

test('a tick moves its job on, also before the event that it runs', () => {
  const queued = { ...older, state: 'queued' as const };
  const [moved] = withProgress([queued], tick({ job_id: 'a', done: 7 }));
  expect(moved?.state).toBe('running');
  expect(moved?.progress?.done).toBe(7);
});

test('a tick leaves a cancelling job cancelling', () => {
  const ending = { ...older, state: 'cancelling' as const };
  expect(withProgress([ending], tick({ job_id: 'a' }))[0]?.state).toBe(
    'cancelling'
  );
});

test.each(['succeeded', 'failed', 'timed_out', 'cancelled', 'quarantined'])(
  'a late tick changes nothing of a job that is %s',
  state => {
    const jobs = [{ ...older, state: state as 'succeeded' }];
    expect(withProgress(jobs, tick({ job_id: 'a' }))).toBe(jobs);
  }
);

test('a tick of an unknown job changes nothing', () => {
  const jobs = [older];
  expect(withProgress(jobs, tick({ job_id: 'z' }))).toBe(jobs);
});

test('only what was open before and is final now has just finished', () => {
  const done = { ...older, state: 'succeeded' as const };
  expect(justFinished([older, newer], [newer, done])).toEqual([done]);
  expect(justFinished([done], [done])).toEqual([]);
  // an old job that is seen for the first time is no news
  expect(justFinished([], [done])).toEqual([]);
});
