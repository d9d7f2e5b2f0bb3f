/**
 * Problems in words: what is wrong, what it means for the jobs, what to do.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IProblem } from '../model/problems';
import { presentable } from './text';

/** A problem in words, with the one command that tells or mends it. */
export interface IAdvice {
  title: string;
  text: string;
  command: string;
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
