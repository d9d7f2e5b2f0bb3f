/**
 * Frames of the notebook in words, and the code that looks at them.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IFrame, Lack } from '../model/frames';
import { handleOf, pythonText } from './results';
import { grouped } from './text';

const IMPORT = 'import jupyter_wrangler as jw\n\n';

/** "344 rows, 7 columns". */
export function shape(frame: IFrame, trans: TranslationBundle): string {
  const rows = grouped(trans._n('%1 row', '%1 rows', frame.n_rows));
  const columns = trans._n('%1 column', '%1 columns', frame.n_columns);
  return `${rows}, ${columns}`;
}

/** "0.8 % missing", "nothing missing"; empty where it was not counted. */
export function missing(frame: IFrame, trans: TranslationBundle): string {
  if (frame.missing === null) {
    return trans.__('missing values not counted');
  }
  if (frame.missing === 0) {
    return trans.__('nothing missing');
  }
  const share = 100 * frame.missing;
  return trans.__(
    '%1 % missing',
    share < 0.1 ? '<0.1' : share.toFixed(share < 10 ? 1 : 0)
  );
}

/** Why there is no list, and what to do. */
export function lackOf(lack: Lack, trans: TranslationBundle): string {
  switch (lack) {
    case 'no_notebook':
      return trans.__('Open a notebook to see its DataFrames here.');
    case 'no_kernel':
      return trans.__('This notebook has no kernel yet: run a cell.');
    case 'no_python':
      return trans.__('The kernel of this notebook does not run Python.');
    case 'busy':
      return trans.__(
        'A cell is running; this is looked at when it has ended.'
      );
    case 'no_package':
      return trans.__(
        'Jupyter Wrangler is not installed in the kernel of this notebook. Run this in it:'
      );
  }
}

/** What can be asked of a frame by one call. */
export type FrameVerb =
  'profile' | 'wrangle' | 'recommend' | 'correlate' | 'compare';

/** The code that asks something of a frame. */
export function frameCode(verb: FrameVerb, name: string): string {
  return `${IMPORT}jw.${verb}(${name})`;
}

/** The code that applies kept models to other data: a name, or how it is read. */
export function transformCode(
  recipe: { name: string; n: number },
  data: string
): string {
  const reads = data.startsWith('pd.') ? 'import pandas as pd\n\n' : '\n';
  return `import jupyter_wrangler as jw\n${reads}job = jw.transform(${data}, ${pythonText(handleOf(recipe))})\njob`;
}

/** The expression that reads a file, by its ending. */
export function readCode(path: string): string {
  const text = pythonText(path);
  if (/\.parquet$/i.test(path)) {
    return `pd.read_parquet(${text})`;
  }
  if (/\.xlsx?$/i.test(path)) {
    return `pd.read_excel(${text})`;
  }
  return /\.tsv$/i.test(path)
    ? `pd.read_csv(${text}, sep="\\t")`
    : `pd.read_csv(${text})`;
}
