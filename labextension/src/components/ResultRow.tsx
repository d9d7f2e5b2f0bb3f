import * as React from 'react';
import type { NamedResult } from '../model/contract';
import { contents, saved } from '../words/results';
import { presentable } from '../words/text';
import { InsertButton } from './InsertButton';
import { MoreButton } from './MoreButton';
import type { IResultListProps } from './ResultList';
import { VersionList } from './VersionList';

/** One named result: its latest version, and the others on demand. */
export function ResultRow(
  props: IResultListProps & { result: NamedResult }
): React.JSX.Element {
  const { trans, result, now } = props;
  const { name, latest } = result;
  const [unfolded, unfold] = React.useState(false);
  const of = { result_id: result.id, n: latest.n, name };
  const title = `jp-Wrangler-result-${result.id}`;
  const select = (): void => {
    props.select(of);
  };
  return (
    <li className="jp-Wrangler-job" aria-labelledby={title} tabIndex={-1}>
      <div onFocus={select} onContextMenu={select} className="jp-Wrangler-item">
        <div className="jp-Wrangler-head">
          <h3
            className="jp-Wrangler-name"
            id={title}
            title={trans.__('%1 — drag it into a notebook', name)}
            onPointerDown={event => {
              props.drag(of, event);
            }}
          >
            {name}
          </h3>
        </div>
        <div className="jp-Wrangler-faint">{saved(latest, now, trans)}</div>
        <div className="jp-Wrangler-line">{contents(latest, trans)}</div>
        {latest.note && (
          <div className="jp-Wrangler-note">{presentable(latest.note)}</div>
        )}
        <div className="jp-Wrangler-foot">
          <button
            type="button"
            className="jp-Wrangler-button"
            aria-label={trans.__('Open %1', name)}
            onClick={() => {
              props.open(of);
            }}
          >
            {trans.__('Open')}
          </button>
          <InsertButton
            trans={trans}
            about={trans.__('Insert the code that loads %1', name)}
            canInsert={props.canInsert}
            insert={() => {
              props.insert(of);
            }}
          />
          {result.n_versions > 1 && (
            <button
              type="button"
              className="jp-Wrangler-button"
              aria-expanded={unfolded}
              aria-label={trans.__('Versions of %1', name)}
              onClick={() => {
                unfold(!unfolded);
              }}
            >
              {trans._n('%1 version', '%1 versions', result.n_versions)}
            </button>
          )}
          <MoreButton
            trans={trans}
            name={name}
            menu={(x, y) => {
              props.menu(of, x, y);
            }}
          />
        </div>
      </div>
      {unfolded && <VersionList {...props} />}
    </li>
  );
}
