/**
 * Which jobs of the list are shown.
 */
import { type Job, isFinal } from './contract';
import type { Jobs } from './jobs';

export type StateFilter = 'all' | 'open' | 'done' | 'failed';

export interface IJobFilter {
  /** Words that must all be in the name, the method, the id or the kind. */
  text: string;
  state: StateFilter;
  /** Only those whose card is in the current notebook. */
  here: boolean;
}

export const NO_FILTER: IJobFilter = { text: '', state: 'all', here: false };

function hasState(job: Job, state: StateFilter): boolean {
  switch (state) {
    case 'all':
      return true;
    case 'open':
      return !isFinal(job);
    case 'done':
      return job.state === 'succeeded';
    case 'failed':
      return isFinal(job) && job.state !== 'succeeded';
  }
}

function textOf(job: Job): string {
  const method =
    'method' in job.spec && typeof job.spec.method === 'string'
      ? job.spec.method
      : '';
  return [job.name, job.dataset_name, job.kind, method, job.id]
    .join(' ')
    .toLowerCase();
}

/** The jobs that fit; `here` are the ids of those in the current notebook. */
export function filtered(
  jobs: Jobs,
  filter: IJobFilter,
  here: ReadonlySet<string>
): Jobs {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && filter.state === 'all' && !filter.here) {
    return jobs;
  }
  return jobs.filter(job => {
    const text = words.length > 0 ? textOf(job) : '';
    return (
      hasState(job, filter.state) &&
      (!filter.here || here.has(job.id)) &&
      words.every(word => text.includes(word))
    );
  });
}
