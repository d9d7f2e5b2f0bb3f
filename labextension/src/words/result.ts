/**
 * A result in words: cells, filters, what stands out, code.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type {
  ImputationSummary,
  Job,
  ResultManifest,
  ResultVersion
} from '../model/contract';
import type { Value } from '../model/pages';
import type { IProblem } from '../model/problems';
import type { IFocus, IResultOf } from '../model/result';
import type { IFilter, IQuestion, Operator } from '../model/rows-api';
import { description } from './card';
import { nameOf, result as resultLine } from './jobs';
import { reasonFor } from './problems';
import { contents, handleOf, pythonText } from './results';
import { grouped, presentable } from './text';

/** Above it chains are taken to differ (van Buuren 2018, 6.5.2). */
const HIGH_RHAT = 1.2;

/** A value as the grid shows it: numbers with seven digits, more in the pane beside. */
export function shown(value: Value, trans: TranslationBundle): string {
  if (value === null) {
    return trans.__('missing');
  }
  if (typeof value === 'number' && !Number.isInteger(value)) {
    return String(Number(value.toPrecision(7)));
  }
  return String(value);
}

/** A cell for those who hear it. */
export function cellAloud(
  focus: Pick<IFocus, 'label' | 'column' | 'value' | 'imputed'>,
  trans: TranslationBundle
): string {
  const value = shown(focus.value, trans);
  const row = focus.label;
  const column = focus.column.name;
  return focus.imputed
    ? trans.__('Row %1, %2: %3, imputed', row, column, value)
    : trans.__('Row %1, %2: %3', row, column, value);
}

/** How many rows there are, and in which order. */
export function headingAloud(
  question: IQuestion,
  found: number,
  trans: TranslationBundle
): string {
  const rows = grouped(trans._n('%1 row', '%1 rows', found));
  if (question.sort === null) {
    return rows;
  }
  return question.descending
    ? trans.__('%1, sorted by %2, falling', rows, question.sort)
    : trans.__('%1, sorted by %2, rising', rows, question.sort);
}

/** An operator as a person reads it. */
export function operatorWord(
  operator: Operator,
  trans: TranslationBundle
): string {
  switch (operator) {
    case 'contains':
      return trans.__('contains');
    case '==':
      return trans.__('is');
    case '!=':
      return trans.__('is not');
    case 'missing':
      return trans.__('is missing');
    case 'observed':
      return trans.__('was observed');
    case 'imputed':
      return trans.__('was imputed');
    default:
      return operator;
  }
}

export function filterWords(filter: IFilter, trans: TranslationBundle): string {
  const column = filter.column ?? trans.__('any column');
  const word = operatorWord(filter.operator, trans);
  return filter.value === null
    ? `${column} ${word}`
    : `${column} ${word} ${filter.value}`;
}

/** Why there are no rows: the job was deleted. */
export function deleted(trans: TranslationBundle): string {
  return trans.__(
    'The service does not know this job: it was deleted, or it ran somewhere else, so there are no rows to show. Run its cell again to compute it anew.'
  );
}

/** Why something was not done; what the service says of the request is kept. */
export function failure(problem: IProblem, trans: TranslationBundle): string {
  const known = new Set([
    'jupyter_unreachable',
    'extension_missing',
    'service_unreachable',
    'server_unreachable',
    'database_unreachable',
    'redis_unreachable',
    'not_authenticated'
  ]);
  return known.has(problem.code) || problem.message === ''
    ? reasonFor(problem, trans)
    : presentable(problem.message);
}

/** What to look at before the result is used; empty if nothing stands out. */
export function standsOut(
  summary: ImputationSummary,
  trans: TranslationBundle
): string[] {
  const left = summary.n_missing - summary.n_imputed;
  const unmixed = summary.columns
    .filter(column => (column.convergence?.rhat ?? 0) > HIGH_RHAT)
    .map(column => column.name);
  return [
    ...(left > 0
      ? [
          grouped(
            trans._n(
              '%1 value is still missing.',
              '%1 values are still missing.',
              left
            )
          )
        ]
      : []),
    ...(unmixed.length > 0
      ? [
          trans.__(
            'Chains have not mixed (R-hat above %1): %2. More iterations may help.',
            HIGH_RHAT,
            unmixed.join(', ')
          )
        ]
      : [])
  ];
}

/** The result of a job: what it is called, and what can be made of it. */
export function ofJob(
  job: Job,
  manifest: ResultManifest,
  trans: TranslationBundle
): IResultOf {
  return {
    name: nameOf(job),
    what: description(job, trans),
    line: resultLine({ ...job, summary: manifest.summary ?? null }, trans),
    code: imputation => codeOf(job, imputation),
    repeat: job
  };
}

/** A version of a saved result, which may have outlived its job. */
export function ofVersion(
  version: ResultVersion,
  manifest: ResultManifest,
  trans: TranslationBundle
): IResultOf {
  const { spec, summary } = { spec: version.spec, summary: manifest.summary };
  return {
    name: handleOf(version),
    what: contents(version, trans),
    line: spec
      ? resultLine(
          {
            spec,
            state: version.state,
            summary: summary ?? null,
            n_parts: version.n_imputations + 1
          },
          trans
        )
      : '',
    code: imputation =>
      [
        'import jupyter_wrangler as jw',
        '',
        `res = jw.load(${pythonText(handleOf(version))})`,
        `df = ${frameOf(imputation)}`
      ].join('\n'),
    repeat: {
      dataset_version_id: version.dataset_version_id,
      spec: spec as Job['spec'],
      name: version.name
    }
  };
}

/** The code that gives the result of a job in a notebook. */
export function codeOf(job: Job, imputation: number): string {
  const get = job.state === 'succeeded' ? 'result' : 'partial_result';
  return [
    'import jupyter_wrangler as jw',
    '',
    `res = jw.job("${job.id.slice(0, 8)}").${get}()`,
    `df = ${frameOf(imputation)}`,
    ...(job.kind === 'imputation' ? ['res.verdict'] : [])
  ].join('\n');
}

function frameOf(imputation: number): string {
  return imputation === 0 ? 'res.df' : `res.complete(${imputation})`;
}
