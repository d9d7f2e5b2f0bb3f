import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { CopyButton } from './CopyButton';
import type { IPanelProps } from './props';

/** The code that does the same, to be copied or put into a notebook. */
export function FileCode(
  props: IPanelProps & {
    code: string;
    insert: (code: string) => boolean;
    trans: TranslationBundle;
  }
): React.JSX.Element {
  const { code, trans } = props;
  const [notice, setNotice] = React.useState('');
  return (
    <details className="jp-Wrangler-file-part">
      <summary>
        <h3>{trans.__('The same as code')}</h3>
      </summary>
      <pre
        className="jp-Wrangler-code"
        tabIndex={0}
        role="group"
        aria-label={trans.__('The same as code')}
      >
        {code}
      </pre>
      <div className="jp-Wrangler-buttons">
        <button
          type="button"
          className="jp-Wrangler-button"
          onClick={() => {
            setNotice(
              props.insert(code)
                ? trans.__('The code is in the notebook.')
                : trans.__('No notebook is open; the code was copied.')
            );
          }}
        >
          {trans.__('Insert into notebook')}
        </button>
        <CopyButton
          {...props}
          text={code}
          label={trans.__('Copy code')}
          about={trans.__('Copy the code that does the same')}
        />
      </div>
      <div className="jp-Wrangler-line" role="status">
        {notice}
      </div>
    </details>
  );
}
