import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { FileWork } from '../model/file-work';

const MOST = 1000;

/** A whole number, taken when it is one. */
function NumberField(props: {
  label: string;
  value: number;
  least: number;
  most: number;
  change: (value: number) => void;
}): React.JSX.Element {
  const { value, least, most } = props;
  const [typed, setTyped] = React.useState(String(value));
  return (
    <label className="jp-Wrangler-file-choice">
      <span>{props.label}</span>
      <input
        className="jp-Wrangler-input jp-Wrangler-file-number"
        type="number"
        min={least}
        max={most}
        value={typed}
        onChange={event => {
          setTyped(event.target.value);
          const found = Number(event.target.value);
          if (
            event.target.value !== '' &&
            Number.isInteger(found) &&
            found >= least &&
            found <= most
          ) {
            props.change(found);
          }
        }}
        onBlur={() => {
          setTyped(String(value));
        }}
      />
    </label>
  );
}

/** How many imputations, from which seed, and the button that begins. */
export function FileRun(props: {
  work: FileWork;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { work, trans } = props;
  if (!work.plan) {
    return null;
  }
  const why =
    work.doing !== null
      ? trans.__('Something is being done already')
      : trans.__('Reads the whole file and imputes it in the background');
  return (
    <section
      className="jp-Wrangler-file-part jp-Wrangler-file-run"
      aria-label={trans.__('Run')}
    >
      <NumberField
        label={trans.__('Imputations')}
        value={work.imputations}
        least={1}
        most={MOST}
        change={count => void work.count(count)}
      />
      <NumberField
        label={trans.__('Seed')}
        value={work.seed}
        least={0}
        most={2 ** 53 - 1}
        change={seed => {
          work.setSeed(seed);
        }}
      />
      <button
        type="button"
        className="jp-Wrangler-button jp-Wrangler-file-main"
        title={why}
        aria-disabled={work.doing !== null}
        onClick={() => {
          if (work.doing === null) {
            void work.run();
          }
        }}
      >
        {trans.__('Run')}
      </button>
    </section>
  );
}
