// Parts that several steps use.

/** A button; with `off`, the reason why it does nothing now. It stays in reach of Tab, as the reason does. */
function button(label, action, more) {
  const { primary, off, ...attributes } = more || {};
  return h(
    'button',
    {
      type: 'button',
      class: primary ? 'jw-button jw-primary' : 'jw-button',
      'data-do': action,
      ...attributes,
      ...(off ? { 'aria-disabled': 'true', title: off } : {})
    },
    label
  );
}

/** A share as a bar; the number stands beside it, so the bar is hidden from readers. */
function bar(share, kind) {
  return h(
    'span',
    { class: `jw-bar ${kind || ''}`, 'aria-hidden': 'true' },
    h('span', { style: `width: ${Math.max(0, Math.min(1, share || 0)) * 100}%` })
  );
}

/** A small histogram; its words stand beside it. */
function spark(bars) {
  return h(
    'span',
    { class: 'jw-spark', 'aria-hidden': 'true' },
    bars.map(size => h('span', { style: `height: ${Math.max(size > 0 ? 8 : 0, size * 100)}%` }))
  );
}

/** The head of a column by which a table can be sorted. */
function sortHead(label, by, of, table, more) {
  const mine = table.sort === by;
  return h(
    'th',
    { scope: 'col', 'aria-sort': mine ? (table.descending ? 'descending' : 'ascending') : 'none', ...(more || {}) },
    button([label, h('span', { class: 'jw-arrow', 'aria-hidden': 'true' }, mine ? (table.descending ? '▼' : '▲') : '↕')], 'sort', {
      'data-by': by,
      'data-of': of,
      class: 'jw-sort'
    })
  );
}

/** Search, and the pages of a table. */
function tableTools(of, table, id, withMissing) {
  return h(
    'div',
    { class: 'jw-tools', 'data-key': `tools-${of}` },
    h('label', { for: `${id}-search-${of}` }, 'Find a column'),
    h('input', {
      id: `${id}-search-${of}`,
      type: 'search',
      'data-do': 'search',
      'data-of': of,
      value: table.search,
      autocomplete: 'off',
      spellcheck: 'false'
    }),
    withMissing &&
      h(
        'label',
        { class: 'jw-check' },
        h('input', { type: 'checkbox', 'data-do': 'only_missing', 'data-of': of, checked: table.only_missing }),
        'only with missing values'
      ),
    h('span', { class: 'jw-muted' }, `${table.found.toLocaleString('en')} of ${table.total.toLocaleString('en')} columns`)
  );
}

function pages(of, table) {
  if (table.found <= table.page) {
    return null;
  }
  const last = Math.min(table.found, table.first + table.page);
  return h(
    'nav',
    { class: 'jw-pages', 'aria-label': of === 'look' ? 'Pages of columns' : 'Pages of the plan' },
    button('Previous', 'turn', { 'data-of': of, 'data-first': table.first - table.page, off: table.first === 0 && 'This is the first page' }),
    h('span', {}, `${(table.first + 1).toLocaleString('en')} to ${last.toLocaleString('en')} of ${table.found.toLocaleString('en')}`),
    button('Next', 'turn', { 'data-of': of, 'data-first': table.first + table.page, off: last >= table.found && 'This is the last page' })
  );
}

/** Code with its two uses. */
function codeBlock(code, label, key) {
  if (!code) {
    return null;
  }
  return h(
    'div',
    { class: 'jw-code', 'data-key': key },
    h('pre', { tabindex: '0', role: 'region', 'aria-label': label }, code),
    h(
      'div',
      { class: 'jw-row' },
      button('Insert below', 'insert', { 'data-code': code, 'aria-label': `Insert below: ${label}` }),
      button('Copy', 'copy', { 'data-code': code, 'aria-label': `Copy: ${label}` })
    )
  );
}

function notes(sentences) {
  return sentences.length ? h('ul', { class: 'jw-notes' }, sentences.map(one => h('li', {}, one))) : null;
}
