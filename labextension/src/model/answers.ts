/**
 * Answers about jobs, which events may overtake.
 *
 * Answers and events come on different ways, and an answer that was written before an
 * event may arrive after it: "cancelling" after "cancelled", which would stay for ever.
 * So an answer that was overtaken is not believed; the job is read again, and if that
 * is overtaken as well, events will tell the rest.
 */
import type { Job } from './contract';

export class Answers {
  /** An event of a job came. */
  note(id: string): void {
    this.counts.set(id, (this.counts.get(id) ?? 0) + 1);
  }

  /** Whether an event of a job has come since now. */
  mark(): (id: string) => boolean {
    const before = new Map(this.counts);
    return id => this.counts.get(id) !== before.get(id);
  }

  /** Forget the events of all other jobs. */
  keep(ids: ReadonlySet<string>): void {
    this.counts = new Map([...this.counts].filter(([id]) => ids.has(id)));
  }

  /** The first answer that no event has overtaken, of several ways to ask. */
  async first(id: string, ways: (() => Promise<Job>)[]): Promise<Job | null> {
    for (const way of ways) {
      const before = this.counts.get(id);
      const job = await way();
      if (this.counts.get(id) === before) {
        return job;
      }
    }
    return null;
  }

  /** Job id -> how many events came of it. */
  private counts = new Map<string, number>();
}
