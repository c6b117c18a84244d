// An entry form: works out what follows from what is typed, without ever taking the focus or a keystroke away.
//
// The form is posted to the server shortly after typing; the answer holds fresh drawings of what changed, by id. `renew` puts
// each in place around the control a person may be in. A control that was typed into after the request left keeps its text.
(() => {
  'use strict';

  const form = document.getElementById('entry');
  const asker = document.getElementById('recalculation');
  if (!form || !asker) return;

  const typedAt = new WeakMap(); // control → number of the keystroke that changed it last
  const changedAt = new Map(); // field, or table for its cells → the same
  const touched = new Set();
  const undone = new Set();
  let keystroke = 0;
  let answered = 0; // the keystroke that the last answer knew of
  let waiting = 0;
  let isUnsaved = 'changed' in form.dataset;

  // Asking.
  const ask = (delay) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => asker.dispatchEvent(new CustomEvent('blankett:typed')), delay);
  };
  form.addEventListener('input', (event) => {
    if (!event.target.name || event.target.name.startsWith('_')) return;
    undone.delete(event.target.name);
    typedAt.set(event.target, ++keystroke);
    changedAt.set(event.target.name.split('.')[0], keystroke);
    isUnsaved = true;
    ask(300);
  });
  form.addEventListener('change', () => ask(20));
  form.addEventListener('focusout', (event) => {
    const name = event.target.name;
    if (!name || name.startsWith('_') || touched.has(name)) return;
    touched.add(name);
    if (typedAt.has(event.target) || event.target.required || event.target.matches('[aria-required]')) ask(20);
  });
  document.addEventListener('blankett:lines', () => {
    isUnsaved = true;
    keystroke += 1;
    for (const section of form.querySelectorAll('[data-table]')) changedAt.set(section.dataset.table, keystroke);
    ask(20);
  });

  const allTouched = form.hasAttribute('data-all-touched');
  document.addEventListener('htmx:config:request', (event) => {
    const {ctx} = event.detail;
    if (ctx.sourceElement !== asker) return;
    ctx.keystroke = keystroke;
    if (document.activeElement?.form === form && document.activeElement.name) ctx.request.body.append('_focus', document.activeElement.name);
    const wrong = [...form.querySelectorAll('[aria-invalid][name]')].map((control) => control.name);
    for (const name of touched) ctx.request.body.append('_touched', name);
    for (const name of wrong) ctx.request.body.append('_wrong', name);
    if (allTouched) ctx.request.body.append('_touched', '*');
    ctx.undone = [...undone];
    for (const name of undone) ctx.request.body.append('_undo', name);
  });

  // Answering: the tasks htmx would carry out are carried out here.
  document.addEventListener('htmx:before:swap', (event) => {
    const {ctx, tasks} = event.detail;
    if (ctx.sourceElement !== asker) return;
    for (const task of tasks.splice(0)) {
      if (task.type === 'partial' && task.target) renew(task.target, task.fragment, ctx.keystroke);
    }
    if (ctx.response?.raw?.ok) {
      answered = Math.max(answered, ctx.keystroke);
      for (const name of ctx.undone || []) undone.delete(name); // a question that a newer one replaced undid nothing
    }
    document.dispatchEvent(new CustomEvent('blankett:renewed'));
  });

  function renew(old, fragment, asked) {
    const fresh = fragment.querySelector(`[id="${CSS.escape(old.id)}"]`);
    if (!fresh || window.blankett.conditions?.overrules(old, fresh)) return;
    if (fresh.hasAttribute('data-only-hidden')) {
      old.hidden = fresh.hidden;
      return;
    }
    // What is wrong in a line that was typed into since: the next answer would not know that it was shown.
    if (old.matches('.b-rowerror') && isNewer(old.previousElementSibling, asked)) return;
    const [kept, drawn] = [old.querySelector('[data-control]'), fresh.querySelector('[data-control]')];
    if (!kept || !drawn || kept.tagName !== drawn.tagName) {
      if (kept && isNewer(kept, asked)) return;
      if (!old.contains(document.activeElement)) old.replaceWith(fresh);
      return;
    }
    // Typed into since the question left: another answer is on its way, and what stands here is newer than this one.
    if (isNewer(kept, asked)) return;
    copyAttributes(old, fresh, ['id']);
    takeOver(kept, drawn);
    surround(childHolding(old, kept), childHolding(fresh, drawn));
  }
  function childHolding(parent, inner) {
    while (inner.parentNode !== parent) inner = inner.parentNode;
    return inner;
  }
  // Replace everything around the kept child with what stands around the drawn one.
  function surround(kept, drawn) {
    while (kept.previousSibling) kept.previousSibling.remove();
    while (kept.nextSibling) kept.nextSibling.remove();
    while (drawn.previousSibling) kept.parentNode.insertBefore(drawn.parentNode.firstChild, kept);
    while (drawn.nextSibling) kept.parentNode.append(drawn.nextSibling);
  }
  // What the server drew for a control: of boxes and radio buttons, of which there may be fewer now, the one of the same value.
  function freshOf(control, number, freshOnes) {
    if (!control.matches('[type=checkbox], [type=radio]')) return freshOnes[number];
    return freshOnes.find((fresh) => fresh.type === control.type && fresh.name === control.name && fresh.value === control.value);
  }
  const inputs = (root) => (root.matches('[name]') ? [root] : [...root.querySelectorAll('[name]')]);
  const isNewer = (root, asked) => inputs(root).some((control) => (typedAt.get(control) || 0) > asked);
  function takeOver(kept, drawn) {
    const freshOnes = inputs(drawn);
    inputs(kept).forEach((control, number) => {
      const fresh = freshOf(control, number, freshOnes);
      if (!fresh) return;
      copyAttributes(control, fresh, ['id', 'value', 'type', 'aria-expanded', 'aria-activedescendant']);
      if (control.matches('[type=checkbox], [type=radio]')) control.checked = fresh.checked;
      else if (control.value !== fresh.value) {
        if (control.tagName === 'SELECT' && control.options.length !== fresh.options.length) control.replaceChildren(...fresh.children);
        control.value = fresh.value;
        if (control === document.activeElement) control.select?.();
      }
    });
    if (kept.matches(':not([name])')) copyAttributes(kept, drawn, ['id']);
  }
  function copyAttributes(to, from, except) {
    for (const {name} of [...to.attributes]) {
      if (!from.hasAttribute(name) && !except.includes(name) && !name.startsWith('data-htmx')) to.removeAttribute(name);
    }
    for (const {name, value} of from.attributes) {
      if (!except.includes(name) && to.getAttribute(name) !== value) to.setAttribute(name, value);
    }
  }

  // Undo of an own text: the server fills it again.
  form.addEventListener('click', (event) => {
    const button = event.target.closest('button[name=_undo]');
    if (!button) return;
    event.preventDefault();
    undone.add(button.value);
    document.getElementById(`f-${button.value}`)?.focus();
    ask(0);
  });

  // Keys of the form: Ctrl Enter sends it, Enter goes to the next field instead of sending half a form.
  const stops = () => window.blankett.stops(form, 'input:not([type=hidden]), select, textarea, button[data-submit]');
  form.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector('[data-submit]'));
    } else if (event.key === 'Enter' && !event.defaultPrevented && event.target.matches('input, select') && !event.target.closest('.b-grid')) {
      event.preventDefault();
      const order = stops();
      order[order.indexOf(event.target) + (event.shiftKey ? -1 : 1)]?.focus();
    }
  });

  // What conditions.js needs to know of questions and answers.
  window.blankett = {...window.blankett, entry: {
    form,
    ask,
    // Whether something changed in the field *key* ("*": anywhere) that no answer knows of yet.
    isChanged: (key) => (key === '*' ? keystroke : changedAt.get(key) || 0) > answered,
  }};

  // Nothing typed is lost by a slip.
  form.addEventListener('submit', () => {
    isUnsaved = false;
    clearTimeout(waiting);
  });
  addEventListener('beforeunload', (event) => {
    if (isUnsaved) event.preventDefault();
  });
  if (form.querySelector('[data-control]') && !document.querySelector('.b-errors')) {
    form.querySelector('input:not([type=hidden])[data-control], select[data-control]')?.focus({preventScroll: true});
  }
})();
