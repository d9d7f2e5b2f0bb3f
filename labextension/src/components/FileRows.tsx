import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { IFilePreview } from '../model/files';
import { readOf, typeWord } from '../words/files';

/** The first rows of a file; cells without a value are marked. */
export function FileRows(props: {
  preview: IFilePreview;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { preview, trans } = props;
  const width = preview.rows[0]?.length ?? 0;
  const shown = preview.columns.slice(0, width || preview.columns.length);
  const more = preview.columns.length - shown.length;
  const title = trans._n(
    'The first row',
    'The first %1 rows',
    preview.rows.length
  );
  return (
    <details className="jp-Wrangler-file-part" open>
      <summary>
        <h3>{title}</h3>
      </summary>
      <div
        className="jp-Wrangler-scroll jp-Wrangler-file-rows"
        tabIndex={0}
        role="group"
        aria-label={title}
      >
        <table className="jp-Wrangler-table">
          <thead>
            <tr>
              {shown.map((column, i) => (
                <th scope="col" key={i}>
                  {column.name}
                  <div className="jp-Wrangler-faint">
                    {typeWord(column.type, trans)}
                  </div>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {preview.rows.map((row, i) => (
              <tr key={i}>
                {row.map((cell, k) =>
                  cell === null ? (
                    <td key={k} className="jp-Wrangler-file-gone">
                      {trans.__('missing')}
                    </td>
                  ) : (
                    <td key={k}>{cell}</td>
                  )
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more > 0 && (
        <div className="jp-Wrangler-line">
          {trans._n('%1 more column', '%1 more columns', more)}
        </div>
      )}
      <div className="jp-Wrangler-line">{readOf(preview, trans)}</div>
      {preview.notes.map(note => (
        <div className="jp-Wrangler-line" key={note}>
          {note}
        </div>
      ))}
    </details>
  );
}
