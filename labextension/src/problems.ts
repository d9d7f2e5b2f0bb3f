/**
 * What can be wrong between the panel and the work, each told apart.
 *
 * A problem is known by its `code`: the wire name of an error class of
 * `jupyter_wrangler/errors.py`, or one of three that only a browser can see.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IHealth } from './contract';
import { presentable } from './words';

/** Something that keeps jobs from being seen or run. */
export interface IProblem {
  code: string;
  /** Sentence of the service; shown only for codes unknown here. */
  message: string;
}

/** A problem in words, with the one command that tells or mends it. */
export interface IAdvice {
  title: string;
  text: string;
  command: string;
}

/** What an answer of `/health/ready` says is wrong, the gravest first. */
export function problemOf(health: IHealth): IProblem | null {
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

/** Say in one line why something that was asked for was not done. */
export function reasonFor(problem: IProblem, trans: TranslationBundle): string {
  switch (problem.code) {
    case 'quota_exceeded':
    case 'database_busy':
    case 'storage_quota_exceeded':
    case 'job_not_found':
      return presentable(problem.message);
    default:
      return adviceFor(problem, trans).title;
  }
}

/** Say what is wrong, what it means for one's jobs, and what to do. */
export function adviceFor(
  problem: IProblem,
  trans: TranslationBundle
): IAdvice {
  switch (problem.code) {
    case 'jupyter_unreachable':
      return {
        title: trans.__('The Jupyter server does not answer'),
        text: trans.__(
          'Your jobs go on without it. The list comes back with the connection.'
        ),
        command: ''
      };
    case 'extension_missing':
      return {
        title: trans.__('The Wrangler server extension is not running'),
        text: trans.__(
          'Enable it in a terminal, then start the Jupyter server again:'
        ),
        command: 'jupyter server extension enable jupyter_wrangler'
      };
    case 'not_authenticated':
    case 'not_allowed':
      return {
        title: trans.__('You may not see the jobs of this server'),
        text: trans.__(
          'Reload the page to log in again. On a server shared by somebody else, use your own.'
        ),
        command: ''
      };
    case 'service_unreachable':
    case 'stack_failed':
      return {
        title: trans.__('The Wrangler service does not answer'),
        text: trans.__(
          'No job is lost: the list comes back with the service. If it stays away, start it in a terminal:'
        ),
        command: 'jupyter wrangler up'
      };
    case 'service_not_configured':
      return {
        title: trans.__('No Wrangler service is set up here'),
        text: trans.__(
          'None was found, and none may be started here. This shows where it was looked for:'
        ),
        command: 'jupyter wrangler doctor'
      };
    case 'database_unreachable':
      return {
        title: trans.__('The database does not answer'),
        text: trans.__(
          'Jobs can be neither listed nor submitted until PostgreSQL is back; nothing is lost. This tells why:'
        ),
        command: 'jupyter wrangler doctor'
      };
    case 'redis_unreachable':
      return {
        title: trans.__('Redis does not answer'),
        text: trans.__(
          'Submitted jobs are safe, but wait until Redis is back, and progress is not live. This tells why:'
        ),
        command: 'jupyter wrangler doctor'
      };
    case 'no_worker':
      return {
        title: trans.__('No worker is running'),
        text: trans.__(
          'Jobs wait in line and start as soon as there is one. This tells how to start it:'
        ),
        command: 'jupyter wrangler doctor'
      };
    default:
      return {
        title: trans.__('Something is wrong with the Wrangler service'),
        text: presentable(problem.message),
        command: 'jupyter wrangler doctor'
      };
  }
}
