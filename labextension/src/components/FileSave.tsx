import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { FileWork } from '../model/file-work';

/** Writes the completed data next to the file, when that is asked for. */
export function FileSave(props: {
  work: FileWork;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { work, trans } = props;
  const { preview, saved } = work;
  const [name, setName] = React.useState<string | null>(null);
  if (work.task === 'profile' || work.job === null || !preview) {
    return null;
  }
  const goal = name ?? preview.save_as;
  const taken = work.problem?.problem.code === 'file_taken';
  const off = !work.hasResult || work.doing !== null || !goal;
  const why = work.hasResult
    ? trans.__('Writes a new file; the source stays as it is')
    : trans.__('There is no result yet');
  return (
    <form
      className="jp-Wrangler-file-part jp-Wrangler-file-run"
      aria-label={trans.__('Save next to the source')}
      onSubmit={event => {
        event.preventDefault();
        if (!off) {
          void work.save(goal, false);
        }
      }}
    >
      <label className="jp-Wrangler-file-choice">
        <span>{trans.__('Save next to the source as')}</span>
        <input
          className="jp-Wrangler-input jp-Wrangler-file-goal"
          value={goal}
          onChange={event => {
            setName(event.target.value);
          }}
        />
      </label>
      <button
        type="submit"
        className="jp-Wrangler-button"
        title={why}
        aria-disabled={off}
      >
        {trans.__('Save')}
      </button>
      {taken && (
        <button
          type="button"
          className="jp-Wrangler-button"
          onClick={() => void work.save(goal, true)}
        >
          {trans.__('Replace it')}
        </button>
      )}
      <button
        type="button"
        className="jp-Wrangler-button"
        onClick={() => void work.again()}
      >
        {trans.__('Change the plan')}
      </button>
      <span role="status">
        {saved &&
          trans.__(
            'Saved: %1 (%2 values imputed).',
            saved.paths.join(', '),
            saved.n_imputed.toLocaleString()
          )}
      </span>
    </form>
  );
}
