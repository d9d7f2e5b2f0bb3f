// Step 3: the job.

function drawRun(view) {
  const run = view.run;
  if (!run.ready) {
    return [h('p', {}, 'No job has been submitted yet.')];
  }
  const percent = Math.round(run.share * 100);
  return [
    h(
      'section',
      { class: 'jw-job', 'data-key': 'job', 'aria-label': 'The job', 'data-state': run.state },
      h('p', {}, h('strong', {}, run.title), ` · ${run.description} · `, h('code', {}, `jw.job("${run.id}")`)),
      !run.final &&
        h(
          'div',
          { class: 'jw-progress', role: 'progressbar', 'aria-label': 'Share of the work that is done', 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-valuenow': String(percent) },
          h('span', { style: `width: ${percent}%` })
        ),
      h('p', { class: 'jw-status' }, run.status),
      run.left_alone && h('p', { class: 'jw-muted' }, run.left_alone),
      h(
        'div',
        { class: 'jw-row' },
        run.can_cancel && button('Cancel', 'cancel', { 'aria-label': 'Cancel the job' }),
        run.can_finish && button('Finish now', 'finish', { 'aria-label': 'Finish now, and keep the imputations that are done' }),
        run.can_retry && button('Retry', 'retry', { 'aria-label': 'Try the job again' }),
        button('Back to the plan', 'go', { 'data-step': 'plan' }),
        run.can_keep && button('Judge the result', 'go', { 'data-step': 'judge', primary: true })
      )
    )
  ];
}
