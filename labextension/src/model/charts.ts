/**
 * Charts of one column as Vega-Lite 5, which JupyterLab draws itself.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ColumnSummary } from './contract';
import type { IFileChart } from './files';

/** The MIME type under which JupyterLab's own renderer takes them. */
export const VEGA_LITE = 'application/vnd.vegalite.v5+json';

/** Blue and orange that stay apart for all eyes; shapes differ too. */
const OBSERVED = '#0072B2';
const IMPUTED = '#D55E00';
const WIDTH = 250;

export interface IChart {
  readonly title: string;
  /** What it shows, for those who do not see it. */
  readonly words: string;
  readonly spec: Record<string, unknown>;
  /** The numbers that it draws; the first cell of a row names it. */
  readonly table: IChartTable;
}

export interface IChartTable {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

function common(words: string): Record<string, unknown> {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    description: words,
    // of the pane; a container is as wide as its chart, which has no width then
    width: WIDTH,
    height: 110,
    background: 'transparent',
    autosize: { type: 'fit', contains: 'padding' },
    usermeta: NO_MENU
  };
}

/** Its menu would be a control without a name inside an image. */
const NO_MENU = { embedOptions: { actions: false } };

/** A chart that the service made, as it is drawn here: the title stands above it. */
export function embedded(chart: IFileChart): IChart {
  const { title, sentence, spec, heads, rows } = chart;
  return {
    title: `${title}: ${sentence}`,
    words: sentence,
    table: { heads, rows },
    spec: {
      ...spec,
      title: undefined,
      background: 'transparent',
      usermeta: NO_MENU
    }
  };
}

function numbers(
  found: Readonly<Record<string, unknown>>,
  ...names: string[]
): number[] | null {
  const values = names.map(name => found[name]);
  return values.every(value => typeof value === 'number') ? values : null;
}

/** Mean, spread and range of observed and imputed values; null of classes. */
export function spread(
  column: ColumnSummary,
  trans: TranslationBundle
): IChart | null {
  const rows = [
    { kind: trans.__('observed'), found: column.observed },
    { kind: trans.__('imputed'), found: column.imputed }
  ].flatMap(({ kind, found }) => {
    const ends = numbers(found, 'min', 'mean', 'max');
    if (!ends) {
      return [];
    }
    const [min, mean, max] = ends as [number, number, number];
    const sd = typeof found['sd'] === 'number' ? found['sd'] : 0;
    return [{ kind, min, mean, max, low: mean - sd, high: mean + sd }];
  });
  if (rows.length < 2) {
    return null;
  }
  const words = rows
    .map(row =>
      trans.__(
        '%1: mean %2, from %3 to %4',
        row.kind,
        Number(row.mean.toPrecision(4)),
        Number(row.min.toPrecision(4)),
        Number(row.max.toPrecision(4))
      )
    )
    .join('; ');
  const colour = {
    field: 'kind',
    type: 'nominal',
    legend: null,
    scale: {
      domain: rows.map(row => row.kind),
      range: [OBSERVED, IMPUTED]
    }
  };
  const y = {
    field: 'kind',
    type: 'nominal',
    title: null,
    sort: rows.map(row => row.kind)
  };
  const x = (field: string): object => ({
    field,
    type: 'quantitative',
    title: column.name,
    scale: { zero: false }
  });
  return {
    title: trans.__(
      'Observed and imputed: mean, one standard deviation, range'
    ),
    words,
    table: {
      heads: [
        '',
        trans.__('mean'),
        trans.__('mean − SD'),
        trans.__('mean + SD'),
        trans.__('least'),
        trans.__('largest')
      ],
      rows: rows.map(row => [
        row.kind,
        row.mean,
        row.low,
        row.high,
        row.min,
        row.max
      ])
    },
    spec: {
      ...common(words),
      data: { values: rows },
      encoding: { y, color: colour },
      layer: [
        {
          mark: { type: 'rule' },
          encoding: { x: x('min'), x2: { field: 'max' } }
        },
        {
          mark: { type: 'bar', height: 10, opacity: 0.5 },
          encoding: { x: x('low'), x2: { field: 'high' } }
        },
        {
          mark: { type: 'point', filled: true, size: 70 },
          encoding: {
            x: x('mean'),
            shape: {
              field: 'kind',
              type: 'nominal',
              legend: null,
              scale: {
                domain: rows.map(row => row.kind),
                range: ['circle', 'triangle-up']
              }
            }
          }
        }
      ]
    }
  };
}

/** Means of the imputed values by iteration, a line for each imputation. */
export function chains(
  column: ColumnSummary,
  trans: TranslationBundle
): IChart | null {
  const means = column.convergence?.chain_mean ?? [];
  const values = means.flatMap((chain, imputation) =>
    chain.map((mean, iteration) => ({
      imputation: String(imputation + 1),
      iteration: iteration + 1,
      mean
    }))
  );
  if (values.length < 2 || means.every(chain => chain.length < 2)) {
    return null;
  }
  const rhat = column.convergence?.rhat;
  const words =
    typeof rhat === 'number'
      ? trans.__(
          'Means of the imputed values in %1 chains; R-hat is %2',
          means.length,
          rhat.toFixed(2)
        )
      : trans.__('Means of the imputed values in %1 chains', means.length);
  return {
    title: trans.__('Chains: they should intermingle and show no trend'),
    words,
    table: {
      heads: [
        trans.__('iteration'),
        ...means.map((_, i) => trans.__('imputation %1', i + 1))
      ],
      rows: [
        ...Array(Math.max(...means.map(chain => chain.length))).keys()
      ].map(i => [String(i + 1), ...means.map(chain => chain[i] ?? '')])
    },
    spec: {
      ...common(words),
      data: { values },
      mark: { type: 'line', opacity: 0.7 },
      encoding: {
        x: {
          field: 'iteration',
          type: 'quantitative',
          title: trans.__('iteration')
        },
        y: {
          field: 'mean',
          type: 'quantitative',
          title: trans.__('mean'),
          scale: { zero: false }
        },
        detail: { field: 'imputation', type: 'nominal' },
        color: { value: IMPUTED }
      }
    }
  };
}

/** All charts that there are of a column. */
export function chartsOf(
  column: ColumnSummary,
  trans: TranslationBundle
): IChart[] {
  return [spread(column, trans), chains(column, trans)].filter(
    chart => chart !== null
  );
}
