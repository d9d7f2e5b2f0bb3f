import * as React from 'react';
import type { IFrame, IFrames } from '../model/frames';
import { lackOf, missing, shape } from '../words/frames';
import { EmptyState } from './EmptyState';
import type { IPanelProps } from './props';

const INSTALL = '%pip install jupyter-wrangler';
const EXAMPLE = 'import pandas as pd\n\ndf = pd.read_csv("patients.csv")';

/** What can be asked for a frame. */
export interface IFrameActions {
  profile: (name: string) => void;
  wrangle: (name: string) => void;
}

export interface IFrameListProps extends IPanelProps, IFrameActions {
  state: IFrames;
  /** Name of the current notebook, null if there is none. */
  notebook: string | null;
}

function FrameRow(props: IFrameListProps & { frame: IFrame }) {
  const { trans, frame } = props;
  const title = `jp-Wrangler-frame-${frame.name}`;
  return (
    <li className="jp-Wrangler-job" aria-labelledby={title}>
      <div className="jp-Wrangler-head">
        <h3 className="jp-Wrangler-name" id={title}>
          {frame.name}
        </h3>
        <span className="jp-Wrangler-faint">{frame.kind}</span>
      </div>
      <div className="jp-Wrangler-line">
        {shape(frame, trans)} · {missing(frame, trans)}
      </div>
      {frame.missing !== null && frame.missing > 0 && (
        <meter
          className="jp-Wrangler-meter"
          value={frame.missing}
          aria-label={trans.__('Share missing in %1', frame.name)}
        />
      )}
      <div className="jp-Wrangler-foot">
        <button
          type="button"
          className="jp-Wrangler-button"
          title={trans.__('Look at %1 in a new cell', frame.name)}
          aria-label={trans.__('Profile %1', frame.name)}
          onClick={() => {
            props.profile(frame.name);
          }}
        >
          {trans.__('Profile')}
        </button>
        <button
          type="button"
          className="jp-Wrangler-button"
          title={trans.__('Open the panel for %1 in a new cell', frame.name)}
          aria-label={trans.__('Impute %1', frame.name)}
          onClick={() => {
            props.wrangle(frame.name);
          }}
        >
          {trans.__('Impute')}
        </button>
      </div>
    </li>
  );
}

/** The frames of the current notebook, or why there is no list. */
export function FrameList(props: IFrameListProps): React.JSX.Element {
  const { state, trans, notebook } = props;
  const { frames, lack } = state;
  const install = lack === 'no_package';
  return (
    <>
      {notebook !== null && (
        <div className="jp-Wrangler-status jp-Wrangler-faint">{notebook}</div>
      )}
      {lack && !install && (
        <p className="jp-Wrangler-waiting" role="status">
          {lackOf(lack, trans)}
        </p>
      )}
      {install && (
        <EmptyState
          {...props}
          title={trans.__('Nothing can be seen here yet')}
          text={lackOf(lack, trans)}
          example={INSTALL}
        />
      )}
      {!lack && frames.length === 0 && (
        <EmptyState
          {...props}
          title={trans.__('No DataFrames yet')}
          text={trans.__(
            'DataFrames of pandas, polars and pyarrow in this notebook are listed here. Run this in a cell:'
          )}
          example={EXAMPLE}
        />
      )}
      <ul
        className="jp-Wrangler-jobs"
        role="list"
        aria-label={trans.__('DataFrames in this notebook')}
        hidden={frames.length === 0}
      >
        {frames.map(frame => (
          <FrameRow key={frame.name} {...props} frame={frame} />
        ))}
      </ul>
    </>
  );
}
