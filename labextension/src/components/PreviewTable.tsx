import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Preview } from '../model/contract';

/** First rows that had missing values, with the imputed cells marked. */
export function PreviewTable(props: {
  preview: Preview;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { preview, trans } = props;
  if (preview.cells.length === 0) {
    return null;
  }
  const caption = trans.__(
    'First rows that had missing values; imputed cells are marked'
  );
  return (
    <details className="jp-Wrangler-preview" open>
      <summary>{caption}</summary>
      <div
        className="jp-Wrangler-scroll"
        tabIndex={0}
        role="group"
        aria-label={caption}
      >
        <table className="jp-Wrangler-table">
          <thead>
            <tr>
              <td />
              {preview.columns.map((name, i) => (
                <th scope="col" key={i}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {preview.cells.map((cells, row) => (
              <tr key={row}>
                <th scope="row">{preview.index[row]}</th>
                {cells.map((cell, i) => (
                  <td key={i}>
                    {preview.imputed[row]?.[i] ? (
                      <mark title={trans.__('imputed')}>{cell}</mark>
                    ) : (
                      cell
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
