/**
 * The section on the service.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { IService } from '../model/service';
import type { Watched } from '../model/watched';
import { copy } from './clipboard';
import { Section } from './Section';
import { ServiceView } from './ServiceView';

export class ServicePanel extends Section {
  constructor(
    private readonly service: Watched<IService>,
    private readonly trans: TranslationBundle
  ) {
    super(
      'jp-Wrangler-service',
      trans.__('Service'),
      trans.__('Wrangler service'),
      [service]
    );
    service.changed.connect(() => {
      this.update();
    });
  }

  protected override render(): React.JSX.Element {
    return (
      <ServiceView
        state={this.service.state}
        now={new Date()}
        trans={this.trans}
        copy={copy}
        refresh={() => void this.service.refresh()}
      />
    );
  }
}
