/**
 * Jobs in words: states, shares, times, and the one line that sums up a result.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  type Job,
  type Progress,
  type JobState,
  isFinal
} from '../model/contract';
import { grouped } from './text';
import { clock, duration } from './times';

/** The name a person gave to the job, or that of its data. */
export function nameOf(job: Job): string {
  return job.name ?? job.dataset_name;
}

export function stateWord(state: JobState, trans: TranslationBundle): string {
  switch (state) {
    case 'queued':
      return trans.__('Waiting');
    case 'running':
      return trans.__('Running');
    case 'cancelling':
      return trans.__('Cancelling…');
    case 'succeeded':
      return trans.__('Done');
    case 'failed':
      return trans.__('Failed');
    case 'timed_out':
      return trans.__('Timed out');
    case 'cancelled':
      return trans.__('Cancelled');
    case 'quarantined':
      return trans.__('Given up');
  }
}

/** "Before your other jobs": whose turn a job has among one's own. */
export function priorityWord(
  priority: Job['priority'],
  trans: TranslationBundle
): string {
  switch (priority) {
    case 'high':
      return trans.__('Before your other jobs');
    case 'low':
      return trans.__('After your other jobs');
    default:
      return '';
  }
}

/** Whole percent done: never 100 before the job has ended. */
export function percent(progress: Progress): number {
  if (!(progress.total > 0)) {
    return 0;
  }
  const share = Math.floor((100 * progress.done) / progress.total);
  return Math.min(99, Math.max(0, share));
}

/** "takes about 40 s": what a job that waits was thought to take. */
export function expectation(job: Job, trans: TranslationBundle): string {
  const seconds = job.estimate_s;
  if (job.state !== 'queued' || seconds === undefined) {
    return '';
  }
  if (seconds === null) {
    return trans.__('how long it takes is not known yet');
  }
  if (seconds < 5) {
    return trans.__('takes a moment');
  }
  const tens = Math.ceil(seconds / 10) * 10;
  if (tens < 60) {
    return trans.__('takes about %1 s', tens);
  }
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60
    ? trans.__('takes about %1 min', minutes)
    : trans.__('takes about %1 h', Math.ceil(seconds / 3600));
}

/** Says that the same was asked for again, and not computed again. */
export function reuse(job: Job, trans: TranslationBundle): string {
  const times = job.reuses;
  return times === 0
    ? ''
    : trans._n(
        'Asked for again once, and not computed again',
        'Asked for again %1 times, and not computed again',
        times
      );
}

/** "waiting since 14:02", "started 14:02", "took 12 s, ended 14:02". */
export function when(
  job: Job,
  now: Date,
  trans: TranslationBundle,
  locale?: string
): string {
  if (isFinal(job) && job.finished_at) {
    const ended = clock(job.finished_at, now, locale);
    if (!job.started_at) {
      return trans.__('ended %1', ended);
    }
    const took =
      (Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1e3;
    return trans.__('took %1, ended %2', duration(took, trans), ended);
  }
  if (job.started_at) {
    return trans.__('started %1', clock(job.started_at, now, locale));
  }
  return trans.__('waiting since %1', clock(job.created_at, now, locale));
}

/** One line on what a finished job brought. */
export function result(
  job: Pick<Job, 'state' | 'summary' | 'spec'> & { n_parts?: number },
  trans: TranslationBundle
): string {
  if (job.state !== 'succeeded') {
    return '';
  }
  if (job.summary && 'sentences' in job.summary) {
    return job.summary.sentences[0] ?? '';
  }
  if (!('n_imputations' in job.spec)) {
    return '';
  }
  // more may have been added to the first ones; the last part only sums up
  const grown = 'se_cv' in job.spec && job.spec.se_cv ? job.n_parts : undefined;
  const m = grown ? grown - 1 : job.spec.n_imputations;
  const sets = trans._n('%1 completed data set', '%1 completed data sets', m);
  if (!job.summary) {
    return sets;
  }
  const { n_imputed, n_missing, columns } = job.summary;
  const filled = columns.filter(column => column.n_imputed > 0).length;
  const cells = trans._n(
    'Filled %2 of %1 missing value',
    'Filled %2 of %1 missing values',
    n_missing,
    n_imputed
  );
  const where = trans._n('in %1 column', 'in %1 columns', filled);
  return grouped(`${cells} ${where} · ${sets}`);
}

/** What a screen reader says when jobs end. */
export function announcement(
  ended: readonly Job[],
  trans: TranslationBundle
): string {
  return ended
    .map(job => {
      const name = nameOf(job);
      return job.state === 'succeeded'
        ? trans.__('Job %1 is done.', name)
        : trans.__('Job %1: %2.', name, stateWord(job.state, trans));
    })
    .join(' ');
}

/** The code that brings a job back in any notebook. */
export function codeFor(job: Job): string {
  return `jw.job("${job.id}")`;
}
