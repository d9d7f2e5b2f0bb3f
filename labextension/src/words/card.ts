/**
 * The card of a job in words.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { type ICard, quarter } from '../model/card';
import { type Job, type QueuePlace, isFinal } from '../model/contract';
import { nameOf, stateWord } from './jobs';
import { presentable } from './text';

/** "5 imputations by pmm": what a job does, the same in every state. */
export function description(
  job: Pick<Job, 'spec' | 'kind' | 'n_parts'>,
  trans: TranslationBundle
): string {
  const spec = job.spec;
  if ('repeats' in spec) {
    const repeats = trans._n('%1 repeat', '%1 repeats', spec.repeats);
    return trans.__('comparison of %1 in %2', spec.methods.join(', '), repeats);
  }
  if ('n_imputations' in spec) {
    const methods = new Set([
      spec.method,
      ...Object.values(spec.methods ?? {}).filter(Boolean)
    ]);
    return trans._n(
      '%1 imputation by %2',
      '%1 imputations by %2',
      // more may have been added to the first ones
      spec.se_cv ? Math.max(1, job.n_parts - 1) : spec.n_imputations,
      [...methods].sort().join(', ')
    );
  }
  switch (job.kind as string) {
    case 'correlation':
      return trans.__('correlation');
    case 'analysis':
      return trans.__('profile');
    case 'transform':
      // the last part only sums up
      return trans._n(
        'later rows by %1 set of models',
        'later rows by %1 sets of models',
        Math.max(1, job.n_parts - 1)
      );
    default:
      return job.kind;
  }
}

/** Seconds in words of a person: "a moment", "about 40 s", "about 3 min". */
export function roughly(seconds: number, trans: TranslationBundle): string {
  if (seconds < 5) {
    return trans.__('a moment');
  }
  const tens = Math.ceil(seconds / 10) * 10;
  if (tens < 60) {
    return trans.__('about %1 s', tens);
  }
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60
    ? trans.__('about %1 min', minutes)
    : trans.__('about %1 h', Math.ceil(seconds / 3600));
}

function reason(place: QueuePlace, trans: TranslationBundle): string {
  switch (place.reason) {
    case 'no_worker':
      return trans.__('no worker is running');
    case 'quota':
      return trans.__('as many of your jobs run as you may run at once');
    case 'behind_own_jobs': {
      const names = place.own.map(job => job.name ?? job.dataset_name);
      return names.length > 0
        ? trans._n(
            'behind your job %2',
            'behind %1 jobs of yours: %2',
            place.n_own,
            names.join(', ')
          )
        : trans._n(
            'behind %1 job of yours',
            'behind %1 jobs of yours',
            place.n_own
          );
    }
    case 'behind_others':
      return trans._n(
        'behind %1 job of somebody else',
        'behind %1 jobs of others',
        place.n_others
      );
    case 'slots':
      return trans.__('all workers are busy');
    case 'starting':
      return trans.__('a worker takes it now');
  }
}

/** Why a job waits, and for how long. */
export function waiting(job: Job, trans: TranslationBundle): string[] {
  if (job.state !== 'queued') {
    return [];
  }
  const lines: string[] = [];
  const place = job.queue;
  if (place) {
    lines.push(
      trans.__('Number %1 in the queue: %2', place.place, reason(place, trans))
    );
    if (place.starts_in_s !== null && place.starts_in_s !== undefined) {
      lines.push(trans.__('Starts in %1', roughly(place.starts_in_s, trans)));
    }
  }
  if (job.estimate_s !== null && job.estimate_s !== undefined) {
    lines.push(
      trans.__('Takes %1 once it runs', roughly(job.estimate_s, trans))
    );
  }
  return lines;
}

/** How many pieces that are kept a job has finished. */
export function finished(job: Job, trans: TranslationBundle): string {
  // the last part only sums up
  const wanted = Math.max(1, job.n_parts - 1);
  const done = Math.min(job.n_finished, wanted);
  switch (job.kind as string) {
    case 'imputation':
      return trans._n(
        '%2 of %1 imputation',
        '%2 of %1 imputations',
        wanted,
        done
      );
    case 'transform':
      return trans._n(
        '%2 of %1 completed data set',
        '%2 of %1 completed data sets',
        wanted,
        done
      );
    case 'comparison':
      return trans._n('%2 of %1 trial', '%2 of %1 trials', wanted, done);
    default:
      return trans._n('%2 of %1 part', '%2 of %1 parts', wanted, done);
  }
}

/** What was kept of a job that ended early, or is known of its pieces while it runs. */
export function kept(job: Job, trans: TranslationBundle): string {
  if (job.state === 'cancelled') {
    return job.n_finished
      ? trans.__('Kept: %1', finished(job, trans))
      : trans.__('Nothing was finished before the end, so nothing is kept');
  }
  if (job.state === 'succeeded' && job.partial) {
    return trans.__('Finished early with %1', finished(job, trans));
  }
  if (job.finishing && !isFinal(job)) {
    return trans.__('Finishing with what is done: %1', finished(job, trans));
  }
  if (job.state === 'running' && job.n_finished) {
    return trans.__('Finished: %1', finished(job, trans));
  }
  return '';
}

/** The code that gives back the job, in any notebook and session. */
export function jobCode(job: Job): string {
  return `job = jw.job("${job.id.slice(0, 8)}")`;
}

/** The code that gives what the job has found. */
export function resultCode(job: Job): string {
  const id = job.id.slice(0, 8);
  const partial = job.state === 'succeeded' ? 'result' : 'partial_result';
  const name = job.kind === 'comparison' ? 'board' : 'res';
  return `${name} = jw.job("${id}").${partial}()\n${name}`;
}

/** What is said aloud when a card changes, empty if it is not worth it. */
export function spoken(
  before: ICard,
  card: ICard,
  trans: TranslationBundle
): string {
  const name = nameOf(card.job);
  if (card.refused && card.refused !== before.refused) {
    return presentable(card.refused.problem.message);
  }
  if (card.problem && card.problem.code !== before.problem?.code) {
    return trans.__('%1: the connection has a problem.', name);
  }
  if (isFinal(card.job) && !isFinal(before.job)) {
    return card.job.state === 'succeeded'
      ? trans.__('Job %1 is done.', name)
      : trans.__('Job %1: %2.', name, stateWord(card.job.state, trans));
  }
  const now = quarter(card.job);
  return card.job.state === 'running' && now > quarter(before.job)
    ? trans.__('%1: %2 % done.', name, now * 25)
    : '';
}
