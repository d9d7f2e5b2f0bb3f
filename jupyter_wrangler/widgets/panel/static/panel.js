// The panel: steps, problems, code, and the messages to the kernel.

const STEPS = { look: drawLook, plan: drawPlan, run: drawRun, judge: drawJudge };
/** Milliseconds without an answer after which it is said. */
const SLOW_MS = 1500;
const GONE_MS = 15000;
let panels = 0;

function draw(view, id, local) {
  const problem = view.problem;
  const working = view.working;
  return [
    h(
      'header',
      { class: 'jw-top' },
      h('h3', {}, 'Missing data in ', h('span', { class: 'jw-name' }, view.title)),
      h(
        'div',
        { class: 'jw-row' },
        button('Undo', 'undo', { title: `Take back: ${view.undo}`, off: !view.undo && 'There is nothing to undo' }),
        button('Redo', 'redo', { title: `Do again: ${view.redo}`, off: !view.redo && 'There is nothing to redo' })
      )
    ),
    h(
      'nav',
      { class: 'jw-steps', 'aria-label': 'Steps' },
      h(
        'ol',
        {},
        view.steps.map((one, i) =>
          h(
            'li',
            {},
            h(
              'button',
              {
                type: 'button',
                class: 'jw-step',
                'data-do': 'go',
                'data-step': one.id,
                'aria-current': one.id === view.step ? 'step' : null,
                'aria-disabled': one.why ? 'true' : null,
                title: one.why || null
              },
              h('span', { class: 'jw-number', 'aria-hidden': 'true' }, String(i + 1)),
              one.label
            )
          )
        )
      )
    ),
    h('p', { class: 'jw-hidden', role: 'status', 'aria-live': 'polite', 'data-key': 'announcement' }, local.announcement || view.announcement),
    problem &&
      h(
        'div',
        { class: 'jw-problem', role: 'alert', 'data-code': problem.code, 'data-key': 'problem' },
        h('strong', {}, problem.title),
        h('span', {}, problem.text),
        problem.command && h('span', {}, 'In a terminal: ', h('code', {}, problem.command), ' ', button('Copy the command', 'copy', { 'data-code': problem.command })),
        problem.choices.length > 0 && h('span', { class: 'jw-row' }, problem.choices.map(one => button(one.label, one.do, { 'data-key': one.do })))
      ),
    local.slow && h('div', { class: 'jw-problem', role: 'alert', 'data-code': 'kernel_busy', 'data-key': 'slow' }, local.slow),
    working &&
      h(
        'div',
        { class: 'jw-working', 'data-key': 'working' },
        h('span', { class: 'jw-spinner', 'aria-hidden': 'true' }),
        h('span', {}, `${working.words}…`),
        working.message && h('span', { class: 'jw-muted' }, working.message),
        working.share !== null && working.share !== undefined && h('span', { class: 'jw-muted' }, `${Math.round(working.share * 100)} %`),
        working.can_stop && button('Stop', 'stop', { 'aria-label': 'Stop recommending; the standard methods stay' })
      ),
    h(
      'div',
      { class: 'jw-body', 'data-key': `step-${view.step}`, 'aria-busy': working ? 'true' : null },
      h('h4', { class: 'jw-hidden', tabindex: '-1', 'data-step-head': view.step }, view.steps.find(one => one.id === view.step).label),
      STEPS[view.step](view, id)
    ),
    view.step === 'look' && view.look.ready && h('div', { class: 'jw-row jw-end', 'data-key': 'next' }, button('Plan the imputation', 'go', { 'data-step': 'plan', primary: true })),
    h(
      'details',
      { class: 'jw-source', 'data-open': 'code', 'data-key': 'code' },
      h('summary', {}, 'Code of this step'),
      codeBlock(view.code, 'code of this step', 'code-step'),
      view.all_code !== view.code && [h('p', { class: 'jw-muted' }, 'All steps so far:'), codeBlock(view.all_code, 'code of all steps so far', 'code-all')]
    )
  ];
}

function render({ model, el }) {
  const id = `jw-panel-${++panels}-${Math.random().toString(36).slice(2, 8)}`;
  const local = { announcement: '', slow: '', sent: 0, at: 0 };
  let grid = null;
  let step = '';
  let frame = 0;

  el.classList.add('jw-panel');
  // the shortcuts of the notebook stay out: arrow keys and letters mean the panel
  el.setAttribute('data-lm-suppress-shortcuts', 'true');
  el.setAttribute('role', 'region');
  el.setAttribute('aria-label', 'Jupyter Wrangler');

  function send(message) {
    if (message.do !== 'page' && message.do !== 'why') {
      // other windows may have sent more
      local.sent = Math.max(local.sent, (model.get('view') || {}).answered || 0) + 1;
      local.at = Date.now();
      message.n = local.sent;
    }
    model.send(message);
  }

  function redraw() {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(redrawNow);
  }

  function redrawNow() {
    const view = model.get('view');
    if (!view || !view.step) {
      return;
    }
    const open = new Set([...el.querySelectorAll('details[open]')].map(node => node.dataset.open));
    const owned = new Map([...el.querySelectorAll('input[data-typed], select[data-typed]')].map(node => [node.id, node.value]));
    replaceChildren(el, draw(view, id, local).flat(9).filter(Boolean));
    for (const node of el.querySelectorAll('details')) {
      node.open = open.has(node.dataset.open);
    }
    for (const [own, value] of owned) {
      const node = el.querySelector(`#${CSS.escape(own)}`);
      if (node && node.value !== value) {
        node.value = value;
      }
    }
    const place = el.querySelector('[data-own="grid"]');
    if (place && view.grid) {
      if (!grid || grid.node !== place) {
        if (grid) {
          grid.close();
        }
        grid = new Grid(place, send, id);
        place.addEventListener('jw-why', event => why(event.detail));
      }
      grid.show(view.grid, place.dataset.label);
    } else if (grid) {
      grid.close();
      grid = null;
    }
    if (step && step !== view.step) {
      const head = el.querySelector('[data-step-head]');
      if (head && (el.contains(document.activeElement) || document.activeElement === document.body)) {
        head.focus({ preventScroll: true });
      }
    }
    step = view.step;
  }

  function why(text) {
    const place = el.querySelector('[data-own="why"]');
    if (place) {
      place.textContent = text;
    }
  }

  function say(text) {
    local.announcement = text;
    redraw();
    setTimeout(() => {
      local.announcement = '';
    }, 4000);
  }

  async function copy(code, node) {
    try {
      await navigator.clipboard.writeText(code);
      flash(node, 'Copied');
    } catch (error) {
      const pre = node.closest('.jw-code') && node.closest('.jw-code').querySelector('pre');
      if (pre) {
        getSelection().selectAllChildren(pre);
      }
      flash(node, 'Selected: press Ctrl+C');
    }
  }

  function flash(node, text) {
    say(text);
    node.setAttribute('data-announcement', text);
    setTimeout(() => node.removeAttribute('data-announcement'), 2000);
  }

  /** Ask JupyterLab to insert a cell; where nobody does, the code is copied. */
  function insert(code, node) {
    const asked = new CustomEvent('jupyter-wrangler:insert-code', {
      bubbles: true,
      cancelable: true,
      detail: { code }
    });
    // prevented means: somebody has done it
    if (!node.dispatchEvent(asked)) {
      flash(node, 'Inserted below');
    } else {
      copy(code, node);
    }
  }

  function act(node) {
    const { do: what, ...data } = node.dataset;
    if (node.getAttribute('aria-disabled') === 'true') {
      say(node.title);
    } else if (what === 'copy') {
      copy(data.code, node);
    } else if (what === 'insert') {
      insert(data.code, node);
    } else if (what === 'accept') {
      const name = el.querySelector(`#${CSS.escape(data.variable)}`).value;
      const kind = el.querySelector(`#${CSS.escape(data.whatOf)}`).value;
      send({ do: 'accept', name, what: kind, replace: data.replace === 'true' });
    } else if (what === 'save') {
      const field = own => el.querySelector(`#${CSS.escape(own)}`).value;
      send({ do: 'save', name: field(data.nameOf), note: field(data.noteOf) });
    } else {
      send({ ...data, do: what });
    }
  }

  el.addEventListener('click', event => {
    const node = event.target.closest('button[data-do]');
    if (node) {
      act(node);
    }
  });
  el.addEventListener('change', event => {
    const node = event.target;
    const { do: what, ...data } = node.dataset;
    if (!what || what === 'search') {
      return;
    }
    send(node.type === 'checkbox' ? { ...data, do: what, on: node.checked } : { ...data, do: what, value: node.value });
  });
  let typing = 0;
  el.addEventListener('input', event => {
    const node = event.target;
    if (node.dataset.do === 'search') {
      clearTimeout(typing);
      typing = setTimeout(() => send({ do: 'search', of: node.dataset.of, text: node.value }), 250);
    }
  });
  el.addEventListener('keydown', event => {
    // a notebook would go to another cell by an arrow in a list, and run the cell by Enter
    if (!event.ctrlKey && !event.metaKey && !event.altKey) {
      event.stopPropagation();
    }
    if (event.key === 'Enter' && event.target.localName === 'input') {
      event.stopPropagation();
      event.target.dispatchEvent(new Event('change', { bubbles: true }));
    }
  });

  const watch = setInterval(() => {
    const answered = (model.get('view') || {}).answered || 0;
    const waited = answered < local.sent ? Date.now() - local.at : 0;
    const slow =
      waited > GONE_MS
        ? 'The kernel does not answer. If it was restarted, run this cell again: the panel finds its job.'
        : waited > SLOW_MS
          ? 'The kernel is busy; the panel goes on when the running cell has ended.'
          : '';
    if (slow !== local.slow) {
      local.slow = slow;
      redraw();
    }
  }, 500);

  const taken = message => {
    if (message && message.page && grid) {
      grid.take(message);
    } else if (message && 'why' in message) {
      why(message.why);
    }
  };
  local.sent = (model.get('view') || {}).answered || 0;
  model.on('change:view', redraw);
  model.on('msg:custom', taken);
  redrawNow();
  return () => {
    clearInterval(watch);
    cancelAnimationFrame(frame);
    model.off('change:view', redraw);
    model.off('msg:custom', taken);
    if (grid) {
      grid.close();
    }
  };
}

export default { render };
