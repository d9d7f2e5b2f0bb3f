import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { FileWork } from '../model/file-work';
import { formOf, separatorWord } from '../words/files';

const SEPARATORS = [',', ';', '\t', '|', ' ', ':'];
const ENCODINGS = ['utf-8', 'utf-16', 'cp1252', 'latin-1', 'cp1250', 'cp437'];

interface IChoiceProps {
  label: string;
  /** What was chosen; null if it was found. */
  chosen: string | null;
  found: string;
  choices: readonly string[];
  word: (choice: string) => string;
  change: (choice: string | null) => void;
  trans: TranslationBundle;
}

/** A drop-down whose first entry is what was found in the file. */
function Choice(props: IChoiceProps): React.JSX.Element {
  const { chosen, found, trans } = props;
  return (
    <label className="jp-Wrangler-file-choice">
      <span>{props.label}</span>
      <select
        className="jp-Wrangler-select"
        value={chosen ?? ''}
        onChange={event => {
          props.change(event.target.value || null);
        }}
      >
        <option value="">
          {chosen === null
            ? trans.__('%1 (found)', props.word(found))
            : trans.__('as it is found')}
        </option>
        {props.choices.map(choice => (
          <option key={choice} value={choice}>
            {props.word(choice)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** How a text file is read: what was found, to be corrected. */
function TextChoices(props: {
  work: FileWork;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { work, trans } = props;
  const { options, preview } = work;
  const dialect = preview?.dialect;
  if (!dialect) {
    return null;
  }
  return (
    <>
      <Choice
        label={trans.__('Separator')}
        chosen={options.separator}
        found={dialect.separator}
        choices={SEPARATORS}
        word={separator => separatorWord(separator, trans)}
        change={separator => void work.read({ separator })}
        trans={trans}
      />
      <Choice
        label={trans.__('Decimal mark')}
        chosen={options.decimal}
        found={dialect.decimal}
        choices={['.', ',']}
        word={mark => (mark === ',' ? trans.__('comma') : trans.__('point'))}
        change={decimal => void work.read({ decimal: decimal as '.' | null })}
        trans={trans}
      />
      <Choice
        label={trans.__('Encoding')}
        chosen={options.encoding}
        found={dialect.encoding}
        choices={ENCODINGS}
        word={encoding => encoding}
        change={encoding => void work.read({ encoding })}
        trans={trans}
      />
      <Missing {...props} />
    </>
  );
}

/** Words for missing values, beside those that are known. */
function Missing(props: {
  work: FileWork;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { work, trans } = props;
  const there = work.options.missing.join(', ');
  const [typed, setTyped] = React.useState(there);
  const take = (): void => {
    const missing = typed
      .split(',')
      .map(word => word.trim())
      .filter(Boolean);
    if (missing.join(', ') !== there) {
      void work.read({ missing });
    }
  };
  return (
    <label className="jp-Wrangler-file-choice">
      <span>{trans.__('Also missing')}</span>
      <input
        className="jp-Wrangler-input"
        value={typed}
        placeholder={trans.__('such as -999, unknown')}
        title={trans.__(
          'Words for missing values, with commas between them; NA, NaN and empty cells are known'
        )}
        onChange={event => {
          setTyped(event.target.value);
        }}
        onBlur={take}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            take();
          }
        }}
      />
    </label>
  );
}

/** How a file is read, with drop-downs to correct what was found. */
export function FileForm(props: {
  work: FileWork;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { work, trans } = props;
  const { preview, options } = work;
  if (!preview || (!preview.dialect && preview.sheets.length === 0)) {
    return null;
  }
  const form = formOf(preview, trans);
  return (
    <fieldset className="jp-Wrangler-file-form">
      <legend>{trans.__('How it is read')}</legend>
      <TextChoices {...props} />
      {preview.sheets.length > 1 && (
        <label className="jp-Wrangler-file-choice">
          <span>{trans.__('Sheet')}</span>
          <select
            className="jp-Wrangler-select"
            value={options.sheet ?? preview.sheet ?? ''}
            onChange={event => void work.read({ sheet: event.target.value })}
          >
            {preview.sheets.map(name => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <label className="jp-Wrangler-file-switch">
        <input
          type="checkbox"
          checked={options.header}
          onChange={event => void work.read({ header: event.target.checked })}
        />
        <span>
          {preview.dialect
            ? trans.__('The first line holds the names')
            : trans.__('The first row holds the names')}
        </span>
      </label>
      {form && <span className="jp-Wrangler-faint">{form}</span>}
    </fieldset>
  );
}
