import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { FileRowsModel } from '../model/file-rows';
import type { IFilePreview } from '../model/files';
import { countedWords, readOf } from '../words/files';

/** What there is to know about the rows of a file; the grid of them follows. */
export function FileRows(props: {
  preview: IFilePreview;
  rows: FileRowsModel;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { preview, rows, trans } = props;
  return (
    <section
      className="jp-Wrangler-file-part"
      aria-label={trans.__('About the rows')}
    >
      <h3>{trans.__('Rows')}</h3>
      <div className="jp-Wrangler-line">
        {[countedWords(rows, trans), readOf(preview, trans)]
          .filter(Boolean)
          .join('. ')}
      </div>
      {preview.notes.map(note => (
        <div className="jp-Wrangler-line" key={note}>
          {note}
        </div>
      ))}
    </section>
  );
}
