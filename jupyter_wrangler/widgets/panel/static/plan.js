// Step 2: a method for each column, the settings, and the comparison.

function drawPlan(view, id) {
  const plan = view.plan;
  if (!plan.ready) {
    return [h('p', {}, 'The columns are being measured.')];
  }
  return [
    notes(plan.warnings),
    h(
      'section',
      { 'data-key': 'settings', 'aria-labelledby': `${id}-settings` },
      h('h4', { id: `${id}-settings` }, 'Settings'),
      h(
        'div',
        { class: 'jw-settings' },
        setting(id, 'imputations', 'Imputations', plan.n_imputations, { type: 'text', inputmode: 'numeric', title: 'A number from 1 to 1000, or auto: as many as standard errors want' }),
        setting(id, 'seed', 'Seed', plan.seed, { min: 0, step: 1 }),
        setting(id, 'budget', 'Time budget (minutes)', plan.budget === null ? '' : plan.budget, { min: 0, step: 'any', placeholder: 'none' })
      )
    ),
    h(
      'div',
      { class: 'jw-beside' },
      h(
        'section',
        { 'data-key': 'methods', 'aria-labelledby': `${id}-methods` },
        h('h4', { id: `${id}-methods` }, plan.recommended ? 'Recommended methods' : 'Standard methods by type'),
        plan.table.total > plan.table.page && tableTools('plan', plan.table, id, false),
        plan.columns.length > 0
          ? h(
              'div',
              { class: 'jw-wide', role: 'region', tabindex: '0', 'aria-label': 'Table of methods' },
              h(
                'table',
                { class: 'jw-table' },
                h(
                  'thead',
                  {},
                  h(
                    'tr',
                    {},
                    sortHead('Column', 'name', 'plan', plan.table),
                    sortHead('Missing', 'missing', 'plan', plan.table),
                    sortHead('Method', 'method', 'plan', plan.table),
                    h('th', { scope: 'col' }, 'Why'),
                    h('th', { scope: 'col' }, 'Bounds and predictors')
                  )
                ),
                h('tbody', {}, plan.columns.map(one => planRow(one, id)))
              )
            )
          : h('p', {}, 'No column has missing values.'),
        pages('plan', plan.table),
        plan.whole > 0 && h('p', { class: 'jw-muted' }, `${plan.whole.toLocaleString('en')} ${plan.whole === 1 ? 'column has' : 'columns have'} nothing missing.`)
      ),
      comparison(plan.compare, id)
    ),
    h(
      'div',
      { class: 'jw-row jw-end', 'data-key': 'go' },
      plan.why_not_run && h('span', { class: 'jw-muted' }, plan.why_not_run),
      button('Run this plan', 'run', {
        primary: true,
        off: plan.why_not_run
      })
    )
  ];
}

function setting(id, what, label, value, more) {
  return h(
    'span',
    { class: 'jw-setting' },
    h('label', { for: `${id}-${what}` }, label),
    h('input', { id: `${id}-${what}`, type: 'number', 'data-do': 'set', 'data-what': what, value: String(value), ...more })
  );
}

function planRow(one, id) {
  const own = `${id}-${one.name}`;
  const input = (what, label, value, more) =>
    h(
      'span',
      { class: 'jw-setting' },
      h('label', { for: `${own}-${what}` }, label),
      h('input', {
        id: `${own}-${what}`,
        'data-do': 'set',
        'data-what': what,
        'data-name': one.name,
        'aria-label': `${label} of ${one.name}`,
        value: value === null ? '' : String(value),
        ...more
      })
    );
  return h(
    'tr',
    { 'data-key': `plan-${one.name}` },
    h('th', { scope: 'row', title: one.name }, h('span', { class: 'jw-name' }, one.name), h('span', { class: 'jw-note' }, one.type)),
    h('td', {}, one.missing),
    h(
      'td',
      {},
      h(
        'select',
        { 'data-do': 'set', 'data-what': 'method', 'data-name': one.name, 'aria-label': `Method for ${one.name}`, value: one.method },
        h('option', { value: '', 'data-key': 'none' }, 'leave alone'),
        one.options.map(method => h('option', { value: method, 'data-key': `m-${method}` }, method))
      ),
      one.edited && button('Restore', 'restore', { 'data-name': one.name, 'aria-label': `Restore the method of ${one.name}`, class: 'jw-button jw-small' })
    ),
    h('td', { class: 'jw-reason' }, one.reason),
    h(
      'td',
      {},
      h(
        'details',
        { 'data-open': `more-${one.name}` },
        h('summary', { 'aria-label': `Bounds and predictors of ${one.name}` }, limits(one)),
        one.numeric && input('min', 'Least', one.min, { type: 'number', step: 'any' }),
        one.numeric && input('max', 'Largest', one.max, { type: 'number', step: 'any' }),
        input('predictors', 'Predictors', one.predictors, { type: 'text', placeholder: 'all others', size: 18 })
      )
    )
  );
}

function limits(one) {
  const words = [];
  if (one.min !== null) {
    words.push(`≥ ${one.min}`);
  }
  if (one.max !== null) {
    words.push(`≤ ${one.max}`);
  }
  words.push(one.predictors ? `by ${one.predictors.length > 24 ? 'chosen columns' : one.predictors}` : 'by all others');
  return words.join(', ');
}

function comparison(compare, id) {
  const board = compare.board;
  const busy = compare.state && !compare.final;
  return h(
    'section',
    { class: 'jw-board', 'data-key': 'compare', 'aria-labelledby': `${id}-compare` },
    h('h4', { id: `${id}-compare` }, 'Compare on hidden cells'),
    h('p', { class: 'jw-muted' }, `Hides observed cells and lets ${compare.methods.join(', ')} fill them.`),
    h(
      'div',
      { class: 'jw-row' },
      button('Compare', 'compare', { off: busy && 'A comparison goes on: wait for it, or cancel it' }),
      busy && button('Cancel', 'cancel', { 'data-of': 'compare', 'aria-label': 'Cancel the comparison' }),
      compare.state && h('span', { class: 'jw-muted' }, compare.status)
    ),
    board && [
      h(
        'div',
        { class: 'jw-wide', role: 'region', tabindex: '0', 'aria-label': 'Leaderboard' },
        h(
          'table',
          { class: 'jw-table' },
          h('caption', { class: 'jw-hidden' }, 'Leaderboard'),
          h('thead', {}, h('tr', {}, ['', 'Method', 'Error', 'Intervals hold', 'Time'].map(head => h('th', { scope: 'col' }, head || h('span', { class: 'jw-hidden' }, 'Rank'))))),
          h(
            'tbody',
            {},
            board.lines.map(one =>
              h(
                'tr',
                { class: one.worse ? 'jw-worse' : null },
                h('td', {}, one.rank),
                h('th', { scope: 'row' }, one.method),
                one.why
                  ? h('td', { colspan: '3', class: 'jw-reason' }, one.why)
                  : [h('td', { class: 'jw-nowrap' }, bar(one.share, ''), one.error), h('td', {}, one.coverage), h('td', {}, one.seconds)]
              )
            )
          )
        )
      ),
      h('p', { class: 'jw-muted' }, board.note),
      notes(board.findings),
      button('Take its best', 'take_best', { off: !board.ready && 'No method has been ranked yet' })
    ]
  );
}
