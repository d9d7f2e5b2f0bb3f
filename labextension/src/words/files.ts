/**
 * Files in words, and as code.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Doing, FileWork } from '../model/file-work';
import type {
  IFileColumn,
  IFilePlan,
  IFilePreview,
  IFileProgress,
  IPlanDocument,
  IPlannedColumn
} from '../model/files';
import type { IColumn } from '../model/grid';
import { bytes } from './results';
import { grouped } from './text';

/** "CSV, 1.2 MB, about 20 000 rows, 5 columns". */
export function factsOf(
  preview: IFilePreview,
  trans: TranslationBundle
): string {
  const { n_rows, about_rows, columns, kind, size } = preview;
  const rows =
    n_rows !== null
      ? grouped(trans._n('%1 row', '%1 rows', n_rows))
      : about_rows !== null
        ? trans.__('about %1 rows', round(about_rows).toLocaleString())
        : '';
  const width = trans._n('%1 column', '%1 columns', columns.length);
  const name = kind.replace('.', '').toUpperCase();
  return [name, bytes(size), rows, width].filter(Boolean).join(', ');
}

/** Two digits are as much as an estimate deserves. */
function round(n: number): number {
  return n > 0 ? Number(n.toPrecision(2)) : 0;
}

/** How a text begins and ends its lines. */
export function formOf(
  preview: IFilePreview,
  trans: TranslationBundle
): string {
  const { dialect } = preview;
  if (!dialect) {
    return '';
  }
  const ends = dialect.windows
    ? trans.__('lines end as on Windows (CR LF)')
    : trans.__('lines end with LF');
  return dialect.marked
    ? trans.__('%1; it begins with a byte order mark', ends)
    : ends;
}

/** What was read of a file, where it was not all. */
export function readOf(
  preview: IFilePreview,
  trans: TranslationBundle
): string {
  return preview.rows_read === preview.n_rows
    ? ''
    : trans.__(
        'Types and missing values above the rows are of the first %1 of them.',
        preview.rows_read.toLocaleString()
      );
}

/** Columns of a file as a grid takes them. */
export function columnsOf(
  preview: IFilePreview,
  trans: TranslationBundle
): IColumn[] {
  const rows = Math.max(1, preview.rows_read);
  return preview.columns.map(({ name, type, n_missing }) => ({
    name,
    dtype: typeWord(type, trans),
    missing: n_missing / rows,
    imputed: 0
  }));
}

/** How many rows there are, as far as they were counted. */
export function countedWords(
  rows: { found: number; counted: boolean; share: number },
  trans: TranslationBundle
): string {
  const { found, counted, share } = rows;
  return counted
    ? grouped(trans._n('%1 row', '%1 rows', found))
    : trans.__(
        '%1 rows so far, in %2 % of the file',
        found.toLocaleString(),
        Math.floor(100 * share)
      );
}

/** On which rows a plan rests. */
export function restsOn(found: IFilePlan, trans: TranslationBundle): string {
  const used = found.rows_used.toLocaleString();
  const seen = found.rows_seen.toLocaleString();
  if (!found.seen_all) {
    return trans.__(
      'The plan rests on %1 rows, drawn at random from %2; the file has more. All of it is read when it runs.',
      used,
      seen
    );
  }
  return found.rows_used < found.rows_seen
    ? trans.__(
        'The plan rests on %1 rows, drawn at random from all %2. All of them are read when it runs.',
        used,
        seen
      )
    : trans.__('The plan rests on all %1 rows.', used);
}

export function typeWord(
  type: IFileColumn['type'],
  trans: TranslationBundle
): string {
  switch (type) {
    case 'integer':
      return trans.__('whole number');
    case 'float':
      return trans.__('number');
    case 'boolean':
      return trans.__('yes or no');
    case 'datetime':
      return trans.__('date');
    case 'text':
      return trans.__('text');
  }
}

export function separatorWord(
  separator: string,
  trans: TranslationBundle
): string {
  const words: Record<string, string> = {
    ',': trans.__('comma'),
    ';': trans.__('semicolon'),
    '\t': trans.__('tab'),
    '|': trans.__('bar'),
    ' ': trans.__('space'),
    ':': trans.__('colon')
  };
  return words[separator] ?? separator;
}

/** What is being done, aloud. */
export function doingWord(
  doing: Doing,
  progress: IFileProgress | null,
  trans: TranslationBundle
): string {
  switch (progress?.stage) {
    case 'reading':
      return trans.__('Reading the file…');
    case 'sampling':
      return trans.__('Drawing rows from the whole file…');
    case 'planning':
      return trans.__('Choosing methods: some cells are hidden and guessed…');
    case 'parsing':
      return trans.__('Making a table of it…');
    case 'sending':
      return trans.__('Handing the data to the service…');
    case 'profiling':
      return trans.__('Looking at all columns…');
    case 'saving':
      return trans.__('Writing the completed data…');
  }
  switch (doing) {
    case 'look':
      return trans.__('Looking at the file…');
    case 'plan':
      return trans.__('Choosing methods: some cells are hidden and guessed…');
    case 'save':
      return trans.__('Getting the result…');
    case 'run':
    case 'profile':
      return trans.__('Starting…');
  }
}

function text(value: string | number | boolean): string {
  return typeof value === 'boolean'
    ? value
      ? 'True'
      : 'False'
    : JSON.stringify(value);
}

/** A dict of Python, a line for each entry where they are many. */
function dict(entries: readonly (readonly [string, string])[]): string {
  const pairs = entries.map(([name, value]) => `${text(name)}: ${value}`);
  return pairs.length > 3
    ? `{\n    ${pairs.join(',\n    ')},\n}`
    : `{${pairs.join(', ')}}`;
}

/** What a plan says of its columns, as one argument. */
function argument(
  name: string,
  plan: IPlanDocument,
  value: (column: IPlannedColumn) => string | null
): string {
  const entries = plan.columns.flatMap(column => {
    const found = value(column);
    return found === null ? [] : [[column.name, found] as const];
  });
  return entries.length > 0 ? `, ${name}=${dict(entries)}` : '';
}

/** The code that does what *Run* does. */
export function codeOf(work: FileWork): string {
  const { preview, plan, imputations, seed } = work;
  if (!preview) {
    return '';
  }
  const head = `import jupyter_wrangler as jw\n${preview.code}`;
  if (work.task === 'profile') {
    return `${head}\njw.profile(df)`;
  }
  if (!plan) {
    return head;
  }
  const marked = plan.columns.filter(one => one.missing_values.length > 0);
  const mark =
    marked.length > 0
      ? `\ndf = jw.mark_missing(df, ${dict(
          marked.map(one => [
            one.name,
            `[${one.missing_values.map(text).join(', ')}]`
          ])
        )})`
      : '';
  const methods = dict(
    plan.columns
      .filter(one => one.method || one.n_missing > 0)
      .map(one => [one.name, text(one.method)])
  );
  const more = [
    argument('predictors', plan, one =>
      one.predictors ? `[${one.predictors.map(text).join(', ')}]` : null
    ),
    argument('min_value', plan, one =>
      one.min_value === null ? null : String(one.min_value)
    ),
    argument('max_value', plan, one =>
      one.max_value === null ? null : String(one.max_value)
    ),
    plan.group === null ? '' : `, group=${text(plan.group)}`
  ].join('');
  return `${head}${mark}\njob = jw.impute(df, ${methods}${more}, n_imputations=${imputations}, random_state=${seed})\njob`;
}
