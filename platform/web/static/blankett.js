// What every page does beyond HTML: dialogs, menus, keys, focus on what is wrong. No page needs it to work.
(() => {
  'use strict';

  const fields = 'input, select, textarea, [contenteditable]';
  const typesInto = (element) => element?.closest?.(fields) && !element.matches('[type=checkbox], [type=radio], [type=submit]');
  const first = (selector, root = document) => root.querySelector(selector);

  // Errors: the summary takes the focus, its links lead into the control.
  function showMistakes(root) {
    first('.b-errors', root)?.focus();
  }
  document.addEventListener('click', (event) => {
    const link = event.target.closest('.b-errors a[href^="#"]');
    if (!link) return;
    const control = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!control) return;
    event.preventDefault();
    const place = control.matches(fields) ? control : first(fields, control) || control;
    place.scrollIntoView({block: 'center'});
    place.focus();
  });

  // Dialogs: an answer that htmx put into #dialog opens it; closing empties it and gives the focus back.
  const dialog = document.getElementById('dialog');
  let opener = null;
  document.addEventListener('htmx:after:swap', (event) => {
    if (event.detail?.ctx?.target !== dialog) return;
    if (!dialog.open) {
      opener = document.activeElement;
      dialog.showModal();
    }
    const wrong = first('.b-errors', dialog);
    (wrong || first('[autofocus]', dialog) || first('input:not([type=hidden]), select, textarea, button', dialog))?.focus();
  });
  dialog?.addEventListener('click', (event) => {
    if (event.target === dialog || event.target.closest('[data-close]')) {
      event.preventDefault();
      dialog.close();
    }
  });
  dialog?.addEventListener('close', () => {
    dialog.replaceChildren();
    opener?.focus?.();
  });

  // Menus close by a click elsewhere and by Escape.
  document.addEventListener('click', (event) => {
    for (const menu of document.querySelectorAll('details.b-menu[open]')) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    const menu = event.target.closest?.('details.b-menu[open]');
    if (!menu) return;
    menu.open = false;
    first('summary', menu).focus();
  });

  // A refused action stays where it is and does nothing; its reason stands beside it.
  document.addEventListener('click', (event) => {
    if (event.target.closest('[aria-disabled=true]')) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);

  // Selects that apply themselves; the button beside them is for pages without JavaScript.
  document.addEventListener('change', (event) => {
    if (event.target.matches('[data-applies]')) event.target.form.requestSubmit();
  });
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-print]')) window.print();
  });
  // Choosing one column of the conflict page as a whole.
  document.addEventListener('click', (event) => {
    const all = event.target.closest('[data-choose]');
    if (!all) return;
    event.preventDefault();
    for (const radio of all.form.querySelectorAll(`input[type=radio][value="${all.dataset.choose}"]`)) radio.checked = true;
  });
  addEventListener('beforeprint', () => document.querySelectorAll('main details').forEach((block) => { block.open = true; }));

  // Keys. Single letters never inside a field, and not at all when the person switched them off.
  const lettersOn = document.documentElement.dataset.keys !== 'off';
  let going = 0;

  function rows() {
    return [...document.querySelectorAll('main a.b-open')].filter((link) => link.offsetParent);
  }
  function step(by) {
    const links = rows();
    if (!links.length) return false;
    const at = links.indexOf(document.activeElement);
    links[Math.max(0, Math.min(links.length - 1, at < 0 ? 0 : at + by))].focus();
    return true;
  }
  function press(key) {
    const place = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((one) => one.offsetParent);
    if (!place) return false;
    if (place.matches(fields)) place.focus();
    else place.click();
    return true;
  }
  function go(key) {
    const link = first(`[data-go="${CSS.escape(key)}"]`);
    if (link) location.href = link.href;
    return Boolean(link);
  }
  function letter(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (going && Date.now() - going < 1500) {
      going = 0;
      return go(key);
    }
    if (key === 'g') {
      going = Date.now();
      return true;
    }
    if (key === 'j' || key === 'k') return step(key === 'j' ? 1 : -1);
    return press(key);
  }
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      document.getElementById('q')?.select();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!lettersOn || typesInto(event.target) || dialog?.open) return;
    if (letter(event)) event.preventDefault();
  });

  showMistakes(document);
})();
