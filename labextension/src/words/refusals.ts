/**
 * Why something cannot be done now, empty where it can; said where it is offered.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { isFinal, type Job } from '../model/contract';

function over(trans: TranslationBundle): string {
  return trans.__('it has ended');
}

export function cancel(job: Job, trans: TranslationBundle): string {
  if (isFinal(job)) {
    return over(trans);
  }
  return job.state === 'cancelling' ? trans.__('it is being cancelled') : '';
}

export function finish(job: Job, trans: TranslationBundle): string {
  if (isFinal(job)) {
    return over(trans);
  }
  if (job.finishing) {
    return trans.__('it is finishing already');
  }
  return job.can_finish
    ? ''
    : trans.__('nothing is finished yet that could be kept');
}

export function retry(job: Job, trans: TranslationBundle): string {
  return isFinal(job)
    ? trans.__('it has its result')
    : trans.__('it has not ended');
}

export function remove(job: Job, trans: TranslationBundle): string {
  return isFinal(job) ? '' : trans.__('cancel it first');
}

export function open(job: Job, trans: TranslationBundle): string {
  if (job.state === 'succeeded' || (isFinal(job) && job.n_finished > 0)) {
    return '';
  }
  return isFinal(job)
    ? trans.__('it has no result')
    : trans.__('it has not ended');
}

export function insert(
  notebook: string | null,
  trans: TranslationBundle
): string {
  return notebook === null ? trans.__('no notebook is open') : '';
}

export function priority(
  job: Job,
  wanted: Job['priority'],
  trans: TranslationBundle
): string {
  if (isFinal(job)) {
    return over(trans);
  }
  return job.priority === wanted ? trans.__('it is so already') : '';
}
