/**
 * Jobs that single views follow, whether they are among the newest or not.
 */
import { asProblem } from './api';
import type { IFeedState } from './feed-state';

/** What asks for jobs, and keeps what is known of them. */
export interface IFollowTarget {
  /** Whether any view can be seen. */
  running: () => boolean;
  state: () => IFeedState;
  set: (change: Partial<IFeedState>) => void;
  /** Ask for one job and take the answer. */
  load: (id: string) => Promise<void>;
  /** Drop a job that the service does not know. */
  forget: (id: string) => void;
}

export class Follows {
  constructor(private readonly target: IFollowTarget) {}

  /** The ids of all that are followed. */
  get ids(): string[] {
    return [...this.counts.keys()];
  }

  has(id: string): boolean {
    return this.counts.has(id);
  }

  /** One more view follows a job; says whether it is the first. */
  add(id: string): boolean {
    const count = this.counts.get(id) ?? 0;
    this.counts.set(id, count + 1);
    return count === 0;
  }

  /** One view less follows a job; says whether it was the last. */
  remove(id: string): boolean {
    const count = this.counts.get(id) ?? 0;
    if (count > 1) {
      this.counts.set(id, count - 1);
      return false;
    }
    this.counts.delete(id);
    return true;
  }

  /** Ask for the jobs that neither the list nor events tell about. */
  async fetch(): Promise<void> {
    if (!this.target.running() || this.fetching) {
      return;
    }
    this.fetching = true;
    try {
      for (const id of this.ids) {
        if (!this.settled(id)) {
          await this.fetchOne(id);
        }
      }
    } finally {
      this.fetching = false;
    }
  }

  /** Whether a job is told about by others, or stays as it is. */
  private settled(id: string): boolean {
    const { followed, jobs, live, unknown } = this.target.state();
    const known = followed.find(job => job.id === id);
    if (!known) {
      return unknown.has(id);
    }
    const listed = jobs.some(job => job.id === id);
    return listed || live || known.state === 'succeeded';
  }

  private async fetchOne(id: string): Promise<void> {
    try {
      await this.target.load(id);
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code === 'job_not_found' || problem.code === 'invalid_spec') {
        this.target.forget(id);
      } else {
        this.target.set({ problem });
      }
    }
  }

  /** Job id -> how many views follow it. */
  private readonly counts = new Map<string, number>();
  private fetching = false;
}
