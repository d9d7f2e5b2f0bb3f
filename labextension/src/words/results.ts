/**
 * Named results in words, and the code that loads them.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type {
  ResultComparison,
  ResultDeletion,
  ResultVersion
} from '../model/contract';
import type { IVersionOf } from '../model/results';
import { grouped } from './text';
import { clock } from './times';

/** "patients@3". */
export function handleOf({ name, n }: { name: string; n: number }): string {
  return `${name}@${n}`;
}

/** A text as Python writes it. */
export function pythonText(text: string): string {
  return JSON.stringify(text);
}

/** The code that loads a version, in any notebook and session. */
export function loadCode(of: IVersionOf): string {
  return `res = jw.load(${pythonText(handleOf(of))})\nres`;
}

/** "344 rows, 7 columns · 5 imputations by pmm". */
export function contents(
  version: ResultVersion,
  trans: TranslationBundle
): string {
  const rows = grouped(trans._n('%1 row', '%1 rows', version.n_rows));
  const columns = trans._n('%1 column', '%1 columns', version.n_columns);
  const methods = version.methods.join(', ');
  const m = version.n_imputations;
  const sets =
    m > 0 ? trans._n('%1 imputation', '%1 imputations', m) : version.kind;
  const how = methods ? trans.__('%1 by %2', sets, methods) : sets;
  return `${rows}, ${columns} · ${how}`;
}

/** "version 3, saved 14:02, 1.2 MB". */
export function saved(
  version: ResultVersion,
  now: Date,
  trans: TranslationBundle
): string {
  return trans.__(
    'version %1, saved %2, %3',
    version.n,
    clock(version.created_at, now),
    bytes(version.size)
  );
}

/** "640 B", "1.2 MB": in powers of 1000, as file managers show them. */
export function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = size;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit] ?? ''}`;
}

/** What is lost with a deletion. */
export function loss(found: ResultDeletion, trans: TranslationBundle): string {
  const lines = [
    found.whole
      ? trans._n(
          'The name and its %1 version are deleted.',
          'The name and its %1 versions are deleted.',
          found.versions.length
        )
      : trans.__('Version %1 is deleted.', found.versions.join(', ')),
    trans.__('This frees %1 and cannot be undone.', bytes(found.bytes))
  ];
  const last = found.last_copies.length;
  if (last > 0) {
    lines.push(
      trans._n(
        'Of %1 of them nothing else keeps the data.',
        'Of %1 of them nothing else keeps the data.',
        last
      )
    );
  }
  const versions = found.dependent_versions;
  if (versions.length > 0) {
    lines.push(trans.__('These were made from it: %1.', versions.join(', ')));
  }
  const jobs = found.dependent_jobs.length;
  if (jobs > 0) {
    lines.push(
      trans._n(
        '%1 job that has not ended needs it.',
        '%1 jobs that have not ended need it.',
        jobs
      )
    );
  }
  return lines.join(' ');
}

/** What is alike between two versions. */
export function likeness(
  found: ResultComparison,
  trans: TranslationBundle
): string {
  if (found.same_cells) {
    return trans.__('Both hold the same imputed values.');
  }
  return found.same_data
    ? trans.__('Both were made from the same data; the imputed values differ.')
    : trans.__('They were made from different data.');
}
