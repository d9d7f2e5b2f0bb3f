/**
 * Lists and events leave the summaries of jobs out; they are asked for by themselves.
 */
import type { WranglerApi } from './api';
import type { Job } from './contract';
import type { Jobs } from './jobs';

/** What the summaries are of. */
export interface ISummaryTarget {
  /** Whether anybody looks. */
  running: () => boolean;
  jobs: () => Jobs;
  /** Take over a job with its summary. */
  take: (job: Job) => void;
}

export class SummaryFetcher {
  constructor(
    private readonly api: WranglerApi,
    private readonly target: ISummaryTarget
  ) {}

  /** Ask for the summaries that are missing, one after the other. */
  async fetch(): Promise<void> {
    if (this.fetching) {
      return;
    }
    this.fetching = true;
    try {
      for (;;) {
        const job = this.target
          .jobs()
          .find(
            ({ id, state, summary, finished_at }) =>
              state === 'succeeded' &&
              !summary &&
              this.asked.get(id) !== finished_at
          );
        if (!job || !this.target.running()) {
          return;
        }
        this.asked.set(job.id, job.finished_at);
        const { summary = null } = await this.api.job(job.id);
        const known = this.target.jobs().find(other => other.id === job.id);
        if (known?.finished_at === job.finished_at) {
          this.target.take({ ...known, summary });
        }
      }
    } catch {
      // A row without its summary line is still right; the poll reports
      // what keeps the requests from being answered.
    } finally {
      this.fetching = false;
    }
  }

  /** Forget what has left the list: it may come back without its summary. */
  keep(ids: ReadonlySet<string>): void {
    this.asked = new Map([...this.asked].filter(([id]) => ids.has(id)));
  }

  private fetching = false;
  /** Job id -> the end for which its summary was asked. */
  private asked = new Map<string, string | null>();
}
