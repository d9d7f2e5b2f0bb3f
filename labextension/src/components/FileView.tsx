/**
 * A file before it is imputed or profiled: how it is read, its rows, the plan.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { FileRowsModel } from '../model/file-rows';
import type { FileWork } from '../model/file-work';
import { doingWord, factsOf } from '../words/files';
import { failure } from '../words/result';
import { FileForm } from './FileForm';
import { FileRows } from './FileRows';

export interface IFileProps {
  work: FileWork;
  trans: TranslationBundle;
  insert: (code: string) => boolean;
  copy: (text: string) => void;
}

/** What is being done, with a bar where it is known how far. */
function Doing(props: IFileProps): React.JSX.Element {
  const { work, trans } = props;
  const { doing, progress } = work;
  const words = doing ? doingWord(doing, progress, trans) : '';
  const known = progress && progress.total > 1;
  return (
    <div className="jp-Wrangler-file-doing">
      <div role="status">{words}</div>
      {doing && (
        <progress
          className="jp-Wrangler-progress"
          aria-label={words}
          {...(known && { max: progress.total, value: progress.done })}
        />
      )}
    </div>
  );
}

/** What went wrong, and what can be done. */
function Problem(props: IFileProps): React.JSX.Element | null {
  const { work, trans } = props;
  if (!work.problem) {
    return null;
  }
  const { doing, problem } = work.problem;
  const planned = doing === 'plan';
  return (
    <div className="jp-Wrangler-problem" role="alert">
      <p className="jp-Wrangler-error">{failure(problem, trans)}</p>
      <button
        type="button"
        className="jp-Wrangler-button"
        onClick={() => {
          if (planned && problem.code !== 'file_changed') {
            void work.replan();
          } else {
            void work.look();
          }
        }}
      >
        {planned && problem.code !== 'file_changed'
          ? trans.__('Try again')
          : trans.__('Look again')}
      </button>
    </div>
  );
}

function Head(props: IFileProps): React.JSX.Element {
  const { work, trans } = props;
  const { path, preview, task } = work;
  const other = task === 'impute' ? 'profile' : 'impute';
  return (
    <div className="jp-Wrangler-head jp-Wrangler-file-head">
      <h2 className="jp-Wrangler-name" title={path}>
        {path.split('/').pop()}
      </h2>
      <span className="jp-Wrangler-what">
        {preview && factsOf(preview, trans)}
      </span>
      <button
        type="button"
        className="jp-Wrangler-button"
        onClick={() => void work.look()}
      >
        {trans.__('Look again')}
      </button>
      <button
        type="button"
        className="jp-Wrangler-button"
        onClick={() => void work.turnTo(other)}
      >
        {other === 'profile'
          ? trans.__('Profile missing values')
          : trans.__('Impute missing values…')}
      </button>
    </div>
  );
}

/** How a file is read, and what is being done with it. */
export function FileView(
  props: IFileProps & { rows: FileRowsModel | null }
): React.JSX.Element {
  const { work, rows, trans } = props;
  return (
    <div className="jp-Wrangler-file-view">
      <Head {...props} />
      <Doing {...props} />
      <Problem {...props} />
      <FileForm work={work} trans={trans} />
      {work.preview && rows && (
        <FileRows preview={work.preview} rows={rows} trans={trans} />
      )}
    </div>
  );
}
