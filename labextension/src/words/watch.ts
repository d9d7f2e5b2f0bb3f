/**
 * The jobs that go on, in a few words.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Job } from '../model/contract';
import type { Jobs } from '../model/jobs';
import { nameOf, percent, result, stateWord } from './jobs';
import { presentable } from './text';

/** "2 jobs, 62 %": how many go on, and how far they are together. */
export function together(jobs: Jobs, trans: TranslationBundle): string {
  const shares = jobs.map(job => (job.progress ? percent(job.progress) : 0));
  const sum = shares.reduce((total, share) => total + share, 0);
  return trans._n(
    '%1 job, %2 %',
    '%1 jobs, %2 %',
    jobs.length,
    Math.floor(sum / Math.max(1, jobs.length))
  );
}

/** How a job that goes on stands: "Running, 62 %". */
export function standing(job: Job, trans: TranslationBundle): string {
  const state = stateWord(job.state, trans);
  return job.state === 'running' && job.progress
    ? trans.__('%1, %2 %', state, percent(job.progress))
    : state;
}

/** What a notification says of a job that has ended. */
export function ending(job: Job, trans: TranslationBundle): string {
  const name = nameOf(job);
  if (job.state === 'succeeded') {
    const line = result(job, trans);
    return [trans.__('Job %1 is done.', name), line].filter(Boolean).join(' ');
  }
  const why = job.error ? presentable(job.error.message) : '';
  return [trans.__('Job %1: %2.', name, stateWord(job.state, trans)), why]
    .filter(Boolean)
    .join(' ');
}
