// Step 4: what was imputed, the completed rows, and a name for them.

function drawVerdict(judge) {
  const { verdict } = judge;
  return h(
    'section',
    { 'data-key': 'verdict', class: 'jw-verdict', 'aria-label': 'Verdict' },
    h('p', {}, h('strong', {}, verdict ? verdict.sentence : `${judge.sentence}.`)),
    verdict
      ? h(
          'ul',
          { class: 'jw-checks' },
          verdict.checks.map(one =>
            h('li', {}, h('span', { class: `jw-mark jw-mark-${one.mark}` }, one.word), h('span', {}, h('strong', {}, `${one.title} `), one.sentence, one.action && ` ${one.action}`))
          )
        )
      : h('p', { class: 'jw-muted' }, 'The checks are being made.')
  );
}

function drawJudge(view, id) {
  const judge = view.judge;
  if (!judge.ready) {
    return [h('p', {}, 'The result is being fetched.')];
  }
  return [
    drawVerdict(judge),
    notes(judge.remarks),
    h(
      'section',
      { 'data-key': 'done', 'aria-labelledby': `${id}-done` },
      h('h4', { id: `${id}-done` }, 'What was done'),
      h(
        'div',
        { class: 'jw-wide', role: 'region', tabindex: '0', 'aria-label': 'Table of imputed columns' },
        h(
          'table',
          { class: 'jw-table' },
          h('thead', {}, h('tr', {}, ['Column', 'Missing', 'Imputed', 'Method', 'Observed', 'Imputed values'].map(head => h('th', { scope: 'col' }, head)))),
          h(
            'tbody',
            {},
            judge.columns.map(one =>
              h('tr', {}, h('th', { scope: 'row' }, h('span', { class: 'jw-name' }, one.name)), [one.missing, one.imputed, one.method, one.observed, one.values].map(text => h('td', {}, text || ' ')))
            )
          )
        )
      ),
      judge.more > 0 && h('p', { class: 'jw-muted' }, `${judge.more} more columns.`)
    ),
    gridPart(view, 'Completed rows'),
    h(
      'section',
      { 'data-key': 'keep', 'aria-labelledby': `${id}-keep` },
      h('h4', { id: `${id}-keep` }, 'Keep'),
      h(
        'div',
        { class: 'jw-settings' },
        h('span', { class: 'jw-setting' }, h('label', { for: `${id}-variable` }, 'Variable'), h('input', { id: `${id}-variable`, type: 'text', value: `${view.title}_complete`, 'data-typed': 'text', autocomplete: 'off', spellcheck: 'false' })),
        h(
          'span',
          { class: 'jw-setting' },
          h('label', { for: `${id}-what` }, 'holds'),
          h('select', { id: `${id}-what`, 'data-typed': 'what' }, h('option', { value: 'data' }, 'the completed data'), h('option', { value: 'result' }, `the result (${judge.n_imputations} ${judge.n_imputations === 1 ? 'imputation' : 'imputations'})`))
        ),
        button('Accept', 'accept', { primary: true, 'data-variable': `${id}-variable`, 'data-what-of': `${id}-what` })
      ),
      h(
          'div',
          { class: 'jw-settings', 'data-key': 'save' },
          h('span', { class: 'jw-setting' }, h('label', { for: `${id}-name` }, 'Saved name'), h('input', { id: `${id}-name`, type: 'text', value: view.title, 'data-typed': 'text', autocomplete: 'off', spellcheck: 'false' })),
          h('span', { class: 'jw-setting' }, h('label', { for: `${id}-note` }, 'Note'), h('input', { id: `${id}-note`, type: 'text', value: '', 'data-typed': 'text' })),
          button('Save', 'save', { 'data-name-of': `${id}-name`, 'data-note-of': `${id}-note` })
        ),
      view.taken &&
        h(
          'p',
          { class: 'jw-ask', role: 'alert' },
          `There is a variable ${view.taken} already. `,
          button('Replace it', 'accept', { 'data-replace': 'true', 'data-variable': `${id}-variable`, 'data-what-of': `${id}-what` })
        ),
      view.kept && [h('p', { class: 'jw-kept' }, 'Kept. The same as code:'), codeBlock(view.kept, 'code that keeps it', 'kept')]
    )
  ];
}
