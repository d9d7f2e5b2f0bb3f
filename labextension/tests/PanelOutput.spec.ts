import type { ISessionContext } from '@jupyterlab/apputils';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Panel, Widget } from '@lumino/widgets';
import { PanelOutput } from '../src/components/PanelOutput';
import { PANEL, WIDGET, partOf } from '../src/model/panel';

const trans = nullTranslator.load('jupyter_wrangler');
/** Wait until what was begun has been done. */
const settled = () => new Promise(resolve => setTimeout(resolve));
/** What ipywidgets writes. */
const NOT_FOUND = 'Error displaying widget: model not found';
const LOADING = 'Loading widget...';

/** What a notebook has for widgets: it draws a view, or says that there is no model. */
class WidgetRenderer extends Panel implements IRenderMime.IRenderer {
  constructor(private readonly models: Set<string>) {
    super();
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const { model_id } = model.data[WIDGET] as { model_id: string };
    if (this.models.has(model_id)) {
      this.addWidget(new Widget());
    } else {
      this.node.textContent = NOT_FOUND;
    }
    return Promise.resolve();
  }
}

/** What a notebook has for HTML, which is sanitized unless it is trusted. */
class StoredRenderer extends Widget implements IRenderMime.IRenderer {
  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    expect(model.trusted).toBe(false);
    this.node.textContent = model.data['text/html'] as string;
    return Promise.resolve();
  }
}

/** What ipywidgets has until it knows the kernel of a notebook: it waits for ever. */
class Placeholder extends Widget implements IRenderMime.IRenderer {
  renderModel(): Promise<void> {
    this.node.textContent = LOADING;
    return new Promise(() => undefined);
  }
}

function setUp(models: string[], factory: { waits?: boolean } = {}) {
  const drawn: WidgetRenderer[] = [];
  const now = { factory };
  const rendermime = {
    getFactory: () => now.factory,
    createRenderer: (type: string) => {
      if (type !== WIDGET) {
        return new StoredRenderer();
      }
      if (now.factory.waits) {
        return new Placeholder();
      }
      const made = new WidgetRenderer(new Set(models));
      drawn.push(made);
      return made;
    }
  };
  const context = {};
  const session = {
    statusChanged: new Signal<object, string>(context),
    kernelChanged: new Signal<object, unknown>(context)
  };
  const output = new PanelOutput({
    rendermime: rendermime as unknown as IRenderMimeRegistry,
    session: session as unknown as ISessionContext,
    trans
  });
  const show = async (
    html: string,
    trusted = true,
    id = 'alive'
  ): Promise<void> => {
    const data = {
      [PANEL]: { at: '2026-11-30T14:02:00Z', step: 'plan' },
      [WIDGET]: { version_major: 2, version_minor: 0, model_id: id },
      'text/html': html
    };
    await output.renderModel(partOf(data, trusted));
    await settled();
  };
  /** What can be seen. */
  const seen = (): string =>
    [...output.children()]
      .filter(child => !child.isHidden)
      .map(child => child.node.textContent)
      .join(' ');
  return { output, session, drawn, show, seen, now };
}

test('a widget that lives is drawn once, however often what is stored changes', async () => {
  const { drawn, show, seen } = setUp(['alive']);
  await show('<p>Look</p>');
  await show('<p>Plan</p>');
  expect(drawn).toHaveLength(1);
  expect(drawn.every(one => !one.isHidden)).toBe(true);
  expect(seen()).not.toContain('Plan');
});

test('without a model, what is stored is shown and how to get the panel back', async () => {
  const { show, seen } = setUp([]);
  await show('<p>Plan of df</p>');
  // nothing was drawn, and the time to wait for it is over
  await new Promise(resolve => setTimeout(resolve, 1100));
  expect(seen()).toContain('Plan of df');
  expect(seen()).toContain('Run the cell again');
  expect(seen()).not.toContain('model not found');
});

test('after a reload the widget is opened as soon as its kernel is known', async () => {
  const { output, drawn, show, seen, now } = setUp(['alive'], { waits: true });
  await show('<p>Plan of df</p>');
  await new Promise(resolve => setTimeout(resolve, 1100));
  // what is stored is shown meanwhile, and nobody is sent to run the cell again
  expect(seen()).toBe('<p>Plan of df</p>');
  now.factory = {};
  await new Promise(resolve => setTimeout(resolve, 300));
  expect(drawn).toHaveLength(1);
  expect(seen()).toBe('');
  expect(output.node.textContent).not.toContain(LOADING);
  output.dispose();
});

test.each(['restarting', 'autorestarting', 'dead'])(
  'a kernel that is %s leaves what was stored last',
  async status => {
    const { output, session, show, seen } = setUp(['alive']);
    await show('<p>Look</p>');
    await show('<p>Plan of df</p>');
    session.statusChanged.emit(status);
    expect(seen()).toContain('Plan of df');
    expect(seen()).toContain('Run the cell again');
    // and it stays so when the new kernel is there
    session.statusChanged.emit('idle');
    expect(seen()).toContain('Plan of df');
    output.dispose();
    session.statusChanged.emit(status);
  }
);

test('a view that ipywidgets marks as disconnected is replaced', async () => {
  const { drawn, show, seen } = setUp(['alive']);
  await show('<p>Plan of df</p>');
  for (const view of drawn.flatMap(one => [...one.children()])) {
    view.addClass('jupyter-widgets-disconnected');
  }
  await settled();
  expect(seen()).toContain('Plan of df');
});

test('a notebook that is not trusted opens no widget', async () => {
  const { drawn, show, seen } = setUp(['alive']);
  await show('<p>Plan of df</p>', false);
  expect(drawn).toHaveLength(0);
  expect(seen()).toContain('not trusted');
  expect(seen()).toContain('Plan of df');
});
