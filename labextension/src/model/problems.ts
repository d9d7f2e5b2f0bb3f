/**
 * What can be wrong between the panel and the work, each told apart.
 *
 * A problem is known by its `code`: the wire name of an error class of
 * `jupyter_wrangler/errors`, or one of three that only a browser can see.
 */
import type { Health } from './contract';

/** Something that keeps jobs from being seen or run. */
export interface IProblem {
  code: string;
  /** Sentence of the service; shown only for codes unknown here. */
  message: string;
}

/** What an answer of `/health/ready` says is wrong, the gravest first. */
export function problemOf(health: Health): IProblem | null {
  const wrong = (part: string): string | null => {
    const check = health.checks[part];
    return check === undefined || check === 'ok' ? null : check;
  };
  const database = wrong('database');
  if (database !== null) {
    return { code: 'database_unreachable', message: database };
  }
  const redis = wrong('redis');
  if (redis !== null) {
    return { code: 'redis_unreachable', message: redis };
  }
  if (health.workers === 0 && !health.resting) {
    return { code: 'no_worker', message: '' };
  }
  const other = Object.values(health.checks).find(check => check !== 'ok');
  return other === undefined || health.status === 'ok'
    ? null
    : { code: 'service_degraded', message: other };
}
