/**
 * How the service is: for everybody, and what only administrators may see.
 */
import { RequestFailed, type WranglerApi } from './api';
import type { Health, Me, QueueList, WorkerList } from './contract';

export interface IService {
  health: Health;
  me: Me;
  /** Null for those who are no administrators. */
  workers: WorkerList['items'] | null;
  queues: QueueList['items'] | null;
}

/** What is only for administrators, null if it is refused. */
async function allowed<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (
      error instanceof RequestFailed &&
      error.problem.code === 'not_allowed'
    ) {
      return null;
    }
    throw error;
  }
}

/** Ask for all that one may know. */
export async function serviceOf(api: WranglerApi): Promise<IService> {
  const [health, me] = await Promise.all([api.health(), api.me()]);
  const [workers, queues] = me.admin
    ? await Promise.all([
        allowed(() => api.workers()),
        allowed(() => api.queues())
      ])
    : [null, null];
  return {
    health,
    me,
    workers: workers?.items ?? null,
    queues: queues?.items ?? null
  };
}
