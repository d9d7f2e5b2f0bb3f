// A grid of rows that holds only the cells in sight; the kernel is asked for pages.

const ROW_PX = 26;
const COLUMN_PX = 128;
const LABEL_PX = 76;
/** Browsers draw no higher element than about 17 million pixels. */
const MOST_PX = 8000000;
const PAGE_ROWS = 100;
const PAGE_COLUMNS = 20;
const KEPT_PAGES = 40;

class Grid {
  constructor(node, send, id) {
    this.node = node;
    this.send = send;
    this.id = id;
    this.pages = new Map();
    this.asked = new Map();
    this.focus = { row: 0, column: 0 };
    this.rows = 0;
    this.columns = 0;
    this.name = '';
    this.turn = 0;
    this.scroller = document.createElement('div');
    this.scroller.className = 'jw-grid-scroll';
    this.spacer = document.createElement('div');
    this.sheet = document.createElement('div');
    this.sheet.className = 'jw-grid-sheet';
    this.sheet.setAttribute('role', 'grid');
    this.scroller.append(this.spacer);
    this.spacer.append(this.sheet);
    this.spacer.className = 'jw-grid-space';
    this.spacer.setAttribute('role', 'presentation');
    node.replaceChildren(this.scroller);
    this.scroller.addEventListener('scroll', () => this.draw());
    this.sheet.addEventListener('keydown', event => this.keydown(event));
    this.sheet.addEventListener('focusin', event => this.focused(event));
    this.sheet.addEventListener('mousedown', event => this.clicked(event));
    this.resize = new ResizeObserver(() => this.draw());
    this.resize.observe(this.scroller);
  }

  close() {
    this.resize.disconnect();
  }

  show(about, label) {
    if (about.name !== this.name || about.rows !== this.rows || about.n_columns !== this.columns || about.version !== this.version) {
      this.pages.clear();
      this.asked.clear();
      this.focus = { row: 0, column: 0 };
      this.scroller.scrollTop = 0;
      this.scroller.scrollLeft = 0;
      this.turn += 1;
    }
    this.name = about.name;
    this.rows = about.rows;
    this.columns = about.n_columns;
    this.version = about.version;
    this.sheet.setAttribute('aria-label', label);
    this.sheet.setAttribute('aria-rowcount', String(this.rows + 1));
    this.sheet.setAttribute('aria-colcount', String(this.columns + 1));
    this.spacer.style.height = `${this.height}px`;
    this.spacer.style.width = `${LABEL_PX + this.columns * COLUMN_PX}px`;
    this.draw();
  }

  get height() {
    return Math.min(MOST_PX, (this.rows + 1) * ROW_PX);
  }
  get seen() {
    return Math.max(1, Math.floor(this.scroller.clientHeight / ROW_PX) - 1);
  }
  get first() {
    const hidden = this.scroller.scrollHeight - this.scroller.clientHeight;
    const most = Math.max(0, this.rows - this.seen);
    return hidden <= 0 ? 0 : Math.round((this.scroller.scrollTop / hidden) * most);
  }
  get firstColumn() {
    return Math.min(Math.max(0, this.columns - 1), Math.floor(this.scroller.scrollLeft / COLUMN_PX));
  }
  get seenColumns() {
    return Math.ceil(this.scroller.clientWidth / COLUMN_PX) + 1;
  }

  /** Scroll so that a row, or a column, is in sight. */
  reveal(row, column) {
    const first = this.first;
    if (row < first || row >= first + this.seen) {
      const to = row < first ? row : row - this.seen + 1;
      const most = Math.max(1, this.rows - this.seen);
      const hidden = this.scroller.scrollHeight - this.scroller.clientHeight;
      this.scroller.scrollTop = (Math.min(most, Math.max(0, to)) / most) * hidden;
    }
    const left = column * COLUMN_PX;
    const width = this.scroller.clientWidth - LABEL_PX;
    if (left < this.scroller.scrollLeft) {
      this.scroller.scrollLeft = left;
    } else if (left + COLUMN_PX > this.scroller.scrollLeft + width) {
      this.scroller.scrollLeft = left + COLUMN_PX - width;
    }
  }

  take(answer) {
    if (answer.grid !== this.name || answer.page.turn !== this.turn || !answer.cells) {
      return;
    }
    const key = `${answer.first}/${answer.first_column}`;
    this.asked.delete(key);
    this.pages.set(key, answer);
    if (this.pages.size > KEPT_PAGES) {
      this.pages.delete(this.pages.keys().next().value);
    }
    this.draw();
  }

  /** The page that holds a cell; asked for if it is not here. */
  page(row, column) {
    const first = Math.floor(row / PAGE_ROWS) * PAGE_ROWS;
    const firstColumn = Math.floor(column / PAGE_COLUMNS) * PAGE_COLUMNS;
    const key = `${first}/${firstColumn}`;
    const found = this.pages.get(key);
    if (!found && !(Date.now() - (this.asked.get(key) || 0) < 5000)) {
      this.asked.set(key, Date.now());
      // what is passed by fast scrolling is not asked for
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        for (const [wanted, at] of this.asked) {
          if (at > 0) {
            const [r, c] = wanted.split('/').map(Number);
            if (this.near(r, c)) {
              this.send({ do: 'page', grid: this.name, page: { turn: this.turn }, first: r, rows: PAGE_ROWS, first_column: c, columns: PAGE_COLUMNS });
            } else {
              this.asked.delete(wanted);
            }
          }
        }
      }, 60);
    }
    return found;
  }

  near(row, column) {
    return (
      row + PAGE_ROWS >= this.first &&
      row <= this.first + this.seen + 1 &&
      column + PAGE_COLUMNS >= this.firstColumn &&
      column <= this.firstColumn + this.seenColumns
    );
  }

  cell(row, column) {
    const page = this.page(row, column);
    if (!page) {
      return { text: '…', mark: 0 };
    }
    const i = row - page.first;
    const j = column - page.first_column;
    if (!page.cells[i] || page.cells[i][j] === undefined) {
      return { text: '', mark: 0 };
    }
    return { text: page.cells[i][j], mark: page.marks[i][j], label: page.index[i], position: page.positions[i] };
  }

  draw() {
    if (!this.columns) {
      replaceChildren(this.sheet, [h('div', { role: 'row' }, h('span', { role: 'gridcell' }, 'No columns.'))]);
      return;
    }
    const first = this.first;
    const last = Math.min(this.rows, first + this.seen + 1);
    const firstColumn = this.firstColumn;
    const lastColumn = Math.min(this.columns, firstColumn + this.seenColumns);
    const columns = [];
    for (let c = firstColumn; c < lastColumn; c++) {
      columns.push(c);
    }
    if (this.focus.row >= this.rows) {
      this.focus.row = Math.max(0, this.rows - 1);
    }
    const inSight = this.focus.row >= first && this.focus.row < last && this.focus.column >= firstColumn && this.focus.column < lastColumn;
    const stop = inSight ? this.focus : { row: first, column: firstColumn };
    const shift = `margin-left: ${firstColumn * COLUMN_PX}px`;
    const heads = columns.map(c => {
      const page = this.page(Math.min(first, Math.max(0, this.rows - 1)), c);
      const name = page ? page.columns[c - page.first_column] : '…';
      return h('span', { role: 'columnheader', class: 'jw-cell jw-head', 'aria-colindex': c + 2, title: name }, name);
    });
    const lines = [
      h(
        'div',
        { role: 'row', class: 'jw-line jw-line-head', 'aria-rowindex': 1, style: shift },
        h('span', { role: 'columnheader', class: 'jw-cell jw-label', 'aria-colindex': 1 }, 'row'),
        heads
      )
    ];
    for (let r = first; r < last; r++) {
      const cells = columns.map(c => {
        const { text, mark } = this.cell(r, c);
        return h(
          'span',
          {
            role: 'gridcell',
            class: `jw-cell${mark === 1 || mark === 3 ? ' jw-missing' : ''}`,
            'aria-colindex': c + 2,
            'data-row': r,
            'data-column': c,
            tabindex: r === stop.row && c === stop.column ? '0' : '-1',
            title: text.length > 14 ? text : null
          },
          mark === 2 ? h('mark', { title: 'imputed' }, text, h('span', { class: 'jw-hidden' }, ' imputed')) : mark === 1 ? 'missing' : mark === 3 ? [h('s', {}, text), h('span', { class: 'jw-hidden' }, ' stands for a missing value')] : text
        );
      });
      const label = this.cell(r, firstColumn).label;
      lines.push(
        h(
          'div',
          { role: 'row', class: 'jw-line', 'aria-rowindex': r + 2, style: shift },
          h('span', { role: 'rowheader', class: 'jw-cell jw-label', 'aria-colindex': 1 }, label === undefined ? '…' : label),
          cells
        )
      );
    }
    const had = this.sheet.contains(document.activeElement);
    replaceChildren(this.sheet, lines);
    if (had && inSight) {
      const node = this.at(this.focus.row, this.focus.column);
      if (node && document.activeElement !== node) {
        node.focus({ preventScroll: true });
      }
    }
  }

  at(row, column) {
    return this.sheet.querySelector(`[data-row="${row}"][data-column="${column}"]`);
  }

  move(row, column) {
    this.focus = {
      row: Math.max(0, Math.min(this.rows - 1, row)),
      column: Math.max(0, Math.min(this.columns - 1, column))
    };
    this.reveal(this.focus.row, this.focus.column);
    this.draw();
    const node = this.at(this.focus.row, this.focus.column);
    if (node) {
      node.focus({ preventScroll: true });
    }
  }

  keydown(event) {
    const { row, column } = this.focus;
    const control = event.ctrlKey || event.metaKey;
    const to = {
      ArrowDown: [row + 1, column],
      ArrowUp: [row - 1, column],
      ArrowRight: [row, column + 1],
      ArrowLeft: [row, column - 1],
      PageDown: [row + this.seen, column],
      PageUp: [row - this.seen, column],
      Home: [control ? 0 : row, 0],
      End: [control ? this.rows - 1 : row, this.columns - 1]
    }[event.key];
    if (to) {
      event.preventDefault();
      event.stopPropagation();
      this.move(to[0], to[1]);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      this.leave();
    }
  }

  /** Put the focus on the next control after the grid. */
  leave() {
    const after = this.node.parentElement.querySelector('[data-after-grid]');
    if (after) {
      after.focus();
    }
  }

  clicked(event) {
    const node = event.target.closest('[data-row]');
    if (node) {
      event.preventDefault();
      this.move(Number(node.dataset.row), Number(node.dataset.column));
    }
  }

  focused(event) {
    const node = event.target.closest('[data-row]');
    if (!node) {
      return;
    }
    this.focus = { row: Number(node.dataset.row), column: Number(node.dataset.column) };
    clearTimeout(this.asking);
    const { mark, position } = this.cell(this.focus.row, this.focus.column);
    this.node.dispatchEvent(new CustomEvent('jw-why', { detail: '' }));
    if (mark === 2) {
      this.asking = setTimeout(() => this.send({ do: 'why', row: position, column: this.focus.column }), 120);
    }
  }
}
