// A page that outlives its session: what was typed stays, and leads to signing in and back. Without it, sending the form does.
(() => {
  'use strict';

  let typedForm = null; // the form that something was typed into last
  let isGoing = false;

  const posts = (form) => form?.getAttribute('method') === 'post';
  document.addEventListener('input', (event) => {
    const form = event.target.form;
    if (posts(form)) typedForm = form;
  });

  // The form is sent as it is, to be kept by the page that asks to sign in and shown again afterwards (`_again`). What a form only
  // asks for stands in the address that signing in leads back to.
  function goAndComeBack(form) {
    isGoing = true;
    if (!form?.isConnected || !posts(form)) {
      const place = form?.isConnected ? `${new URL(form.action).pathname}?${new URLSearchParams(new FormData(form))}` : location.pathname + location.search;
      location.href = `/sign-in?${new URLSearchParams({next: place})}`;
      return;
    }
    const again = document.createElement('input');
    Object.assign(again, {type: 'hidden', name: '_again', value: '1'});
    form.append(again);
    HTMLFormElement.prototype.submit.call(form);
  }
  // Nothing is lost, so nobody is asked whether to leave. Comes before the pages' own listeners.
  addEventListener('beforeunload', (event) => {
    if (isGoing) event.stopImmediatePropagation();
  });
  addEventListener('pageshow', () => { isGoing = false; });

  function formOf(source) {
    const near = source?.form || source?.closest?.('form');
    if (posts(near)) return near;
    return typedForm?.isConnected ? typedForm : near;
  }
  function tell(source, fragment) {
    const dialog = document.querySelector('dialog[open]');
    const place = dialog || document.getElementById('main');
    if (place.querySelector('.b-signedout')) return;
    const note = fragment.querySelector('.b-signedout');
    place.prepend(note);
    note.querySelector('[data-sign-in]').addEventListener('click', () => goAndComeBack(formOf(source)));
  }
  // Pickers ask by themselves.
  document.addEventListener('blankett:signed-out', (event) => {
    const holder = document.createElement('template');
    holder.innerHTML = event.detail.text;
    tell(event.detail.source, holder.content);
  });
  document.addEventListener('htmx:before:swap', (event) => {
    const {ctx, tasks} = event.detail;
    if (ctx.response?.raw?.status !== 401) return;
    const fragment = tasks.splice(0)[0]?.fragment;
    const source = ctx.sourceElement;
    const form = formOf(source);
    // What somebody sent, and links of a page where nothing is typed, lead there at once; what asks by itself only tells.
    const isSent = source.matches('form, button') || source.closest('form') === null && !form;
    if (isSent || !fragment) goAndComeBack(source.matches('a') && !form ? null : form);
    else tell(source, fragment);
  });

  // After signing in: on to the form, which is shown again and not saved.
  document.querySelector('form[data-goes-on]')?.requestSubmit(document.querySelector('form[data-goes-on] button[name=_again]'));
})();
