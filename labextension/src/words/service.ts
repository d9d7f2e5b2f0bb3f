/**
 * How the service is, in words: rows to show, and a text for an administrator.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { type IProblem, problemOf } from '../model/problems';
import type { IService } from '../model/service';
import { adviceFor } from './problems';
import { bytes } from './results';
import { presentable } from './text';
import { duration } from './times';

export interface IRow {
  label: string;
  value: string;
  /** Whether this is what is wrong. */
  bad?: boolean;
}

function checkWord(check: string, trans: TranslationBundle): string {
  return check === 'ok' ? trans.__('answers') : presentable(check);
}

function partWord(part: string, trans: TranslationBundle): string {
  switch (part) {
    case 'database':
      return trans.__('Database');
    case 'redis':
      return trans.__('Redis');
    default:
      return part;
  }
}

function workers(
  { health }: IService,
  trans: TranslationBundle
): readonly IRow[] {
  const slots = trans._n(
    '%1 place for parts',
    '%1 places for parts',
    health.slots
  );
  const value = health.resting
    ? trans.__('resting; starts with the next job')
    : `${trans._n('%1 online', '%1 online', health.workers)}, ${slots}`;
  const bad = health.workers === 0 && !health.resting;
  return [{ label: trans.__('Workers'), value, bad }];
}

function queue(
  { health, queues }: IService,
  trans: TranslationBundle
): readonly IRow[] {
  const rows = [
    {
      label: trans.__('Queue'),
      value: trans.__('%1 waiting, %2 running', health.queued, health.running)
    }
  ];
  const waits = (queues ?? []).map(({ oldest_wait_s }) => oldest_wait_s);
  if (waits.length > 0) {
    const oldest = Math.max(...waits);
    rows.push({
      label: trans.__('Oldest wait'),
      value: oldest > 0 ? duration(oldest, trans) : trans.__('nobody waits')
    });
  }
  return rows;
}

/** "3 of 10", without the whole where nothing, or 0, limits. */
function share(
  used: string | number,
  most: string | number | undefined,
  trans: TranslationBundle
): string {
  return most ? trans.__('%1 of %2', used, most) : String(used);
}

function quota({ me }: IService, trans: TranslationBundle): readonly IRow[] {
  const { usage, quota: most } = me;
  if (!usage) {
    return [];
  }
  return [
    {
      label: trans.__('Your storage'),
      value: share(
        bytes(usage.bytes),
        most ? bytes(most.max_bytes) : undefined,
        trans
      )
    },
    {
      label: trans.__('Your running jobs'),
      value: share(usage.running, most?.max_running, trans)
    },
    {
      label: trans.__('Your waiting jobs'),
      value: share(usage.queued, most?.max_queued, trans)
    },
    {
      label: trans.__('Your jobs'),
      value: share(usage.jobs, most?.max_jobs, trans)
    },
    {
      label: trans.__('Your results'),
      value: share(usage.results, most?.max_results, trans)
    }
  ];
}

/** Everything there is to know, in the order of the section. */
export function rowsOf(
  service: IService,
  trans: TranslationBundle
): readonly IRow[] {
  const { health, me } = service;
  return [
    ...workers(service, trans),
    ...queue(service, trans),
    ...quota(service, trans),
    ...Object.entries(health.checks).map(([part, check]) => ({
      label: partWord(part, trans),
      value: checkWord(check, trans),
      bad: check !== 'ok'
    })),
    {
      label: trans.__('You'),
      value: me.admin ? trans.__('%1, administrator', me.name) : me.name
    },
    { label: trans.__('Version'), value: health.version }
  ];
}

/** Workers one by one, for administrators. */
export function workerRows(
  service: IService,
  now: Date,
  trans: TranslationBundle
): readonly IRow[] {
  return (service.workers ?? []).map(worker => {
    const heard = (now.getTime() - Date.parse(worker.heartbeat_at)) / 1000;
    const state = worker.draining
      ? trans.__('takes no more parts')
      : worker.alive
        ? trans.__('%1 of %2 busy', worker.running, worker.slots)
        : trans.__('not heard of for %1', duration(heard, trans));
    const other =
      worker.version === service.health.version
        ? ''
        : ` · ${trans.__('version %1', worker.version)}`;
    return {
      label: `${worker.host} ${worker.pid}`,
      value: `${state}${other}`,
      bad: !worker.alive || other !== ''
    };
  });
}

/** One line on what is wrong, empty if nothing is. */
export function verdict(
  service: IService | null,
  problem: IProblem | null,
  trans: TranslationBundle
): string {
  const wrong = problem ?? (service && problemOf(service.health));
  return wrong ? adviceFor(wrong, trans).title : '';
}

/** A text to send to an administrator: what was seen, when, by whom. */
export function reportOf(
  service: IService | null,
  problem: IProblem | null,
  now: Date,
  trans: TranslationBundle
): string {
  const wrong = verdict(service, problem, trans);
  const lines = [
    trans.__('Jupyter Wrangler, seen at %1', now.toISOString()),
    wrong || trans.__('Nothing is wrong as far as can be seen.')
  ];
  if (problem?.message) {
    lines.push(`${problem.code}: ${presentable(problem.message)}`);
  }
  if (service) {
    const rows = [
      ...rowsOf(service, trans),
      ...workerRows(service, now, trans)
    ];
    lines.push(...rows.map(({ label, value }) => `${label}: ${value}`));
    lines.push(...service.health.warnings.map(presentable));
  }
  return lines.join('\n');
}
