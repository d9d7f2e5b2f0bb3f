// Step 1: the columns, what stands for missing values, patterns, and the rows.

function drawLook(view, id) {
  const look = view.look;
  if (!look.ready) {
    return [gridPart(view, 'Rows of the data')];
  }
  const { table } = look;
  return [
    notes(look.findings),
    h(
      'section',
      { 'data-key': 'columns', 'aria-labelledby': `${id}-columns` },
      h('h4', { id: `${id}-columns` }, 'Columns'),
      tableTools('look', table, id, true),
      h(
        'div',
        { class: 'jw-wide', role: 'region', tabindex: '0', 'aria-label': 'Table of columns' },
        h(
          'table',
          { class: 'jw-table' },
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              sortHead('Column', 'name', 'look', table),
              sortHead('Type', 'type', 'look', table),
              sortHead('Missing', 'missing', 'look', table),
              h('th', { scope: 'col' }, 'Distribution'),
              h('th', { scope: 'col' }, 'Stands for missing')
            )
          ),
          h('tbody', {}, look.columns.map(one => lookRow(one)))
        )
      ),
      pages('look', table)
    ),
    patterns(look.patterns, id),
    gridPart(view, 'Rows of the data'),
    notes(look.notes)
  ];
}

function lookRow(one) {
  return h(
    'tr',
    { 'data-key': `column-${one.name}` },
    h('th', { scope: 'row', title: one.name }, h('span', { class: 'jw-name' }, one.name), one.note && h('span', { class: 'jw-note' }, one.note)),
    h('td', { title: one.dtype }, one.type),
    h('td', { class: 'jw-nowrap' }, bar(one.share, 'jw-lacking'), h('span', {}, one.missing)),
    h('td', { class: 'jw-nowrap' }, spark(one.bars), h('span', { class: 'jw-muted' }, one.shape)),
    h(
      'td',
      {},
      one.codes.map(code =>
        h(
          'label',
          { class: 'jw-check', title: code.evidence, 'data-key': `code-${code.id}` },
          h('input', {
            type: 'checkbox',
            'data-do': 'mark',
            'data-id': code.id,
            checked: code.marked,
            'aria-label': `${code.value} in ${one.name} stands for a missing value. ${code.evidence}`
          }),
          h('code', {}, code.value),
          ` (${code.n.toLocaleString('en')})`
        )
      )
    )
  );
}

function patterns(found, id) {
  return h(
    'section',
    { 'data-key': 'patterns', 'aria-labelledby': `${id}-patterns` },
    h('h4', { id: `${id}-patterns` }, 'Patterns: what is missing together'),
    h('p', { class: 'jw-muted' }, found.complete + '.'),
    found.lines.length > 0 &&
      h(
        'ul',
        { class: 'jw-patterns' },
        found.lines.map(one =>
          h(
            'li',
            {},
            bar(one.share, 'jw-lacking'),
            h('span', {}, `${one.n.toLocaleString('en')} ${one.n === 1 ? 'row lacks ' : 'rows lack '}`),
            one.columns.map((name, i) => [i ? ', ' : '', h('span', { class: 'jw-name' }, name)]),
            one.more > 0 && ` and ${one.more} more`
          )
        )
      ),
    found.more > 0 && h('p', { class: 'jw-muted' }, `${found.more.toLocaleString('en')} more patterns.`)
  );
}

function gridPart(view, label) {
  const grid = view.grid;
  if (!grid) {
    return null;
  }
  return h(
    'section',
    { 'data-key': `grid-${grid.name}`, 'aria-label': label },
    h('h4', {}, label),
    h(
      'div',
      { class: 'jw-tools' },
      h(
        'label',
        { class: 'jw-check' },
        h('input', { type: 'checkbox', 'data-do': 'only_incomplete', 'data-grid': grid.name, checked: grid.only_incomplete }),
        grid.name === 'rows' ? 'only rows with missing values' : 'only rows with imputed values'
      ),
      h('span', { class: 'jw-muted' }, `${grid.rows.toLocaleString('en')} rows, ${grid.n_columns.toLocaleString('en')} columns`)
    ),
    h('div', { class: 'jw-grid', 'data-own': 'grid', 'data-label': label }),
    h('p', { class: 'jw-why', role: 'status', 'aria-live': 'polite', 'data-own': 'why' }),
    h('p', { class: 'jw-muted jw-hint', tabindex: '-1', 'data-after-grid': 'true' }, 'Arrow keys, Home, End, Page Up and Page Down move; Escape leaves the grid.')
  );
}
