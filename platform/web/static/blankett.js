// What every page does beyond HTML: dialogs, menus, keys, focus on what is wrong. No page needs it to work.
(() => {
  'use strict';

  const fields = 'input, select, textarea, [contenteditable]';
  const typesInto = (element) => element?.closest?.(fields) && !element.matches('[type=checkbox], [type=radio], [type=submit]');
  const first = (selector, root = document) => root.querySelector(selector);

  // Where Tab stops, of what *selector* finds in *root*: of radio buttons at the chosen one, or the first.
  function stops(root, selector) {
    const found = [...root.querySelectorAll(selector)].filter((one) => one.offsetParent && !one.disabled && one.tabIndex >= 0);
    const groups = new Map();
    for (const one of found) {
      if (one.type !== 'radio') continue;
      const known = groups.get(one.name);
      if (!known || one === document.activeElement || (one.checked && known !== document.activeElement)) groups.set(one.name, one);
    }
    return found.filter((one) => one.type !== 'radio' || groups.get(one.name) === one);
  }
  window.blankett = {...window.blankett, stops};

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
  // A click beside it closes it; not one that began inside: a text marked to its end, a row picked of a list that is gone.
  let pressedOn = null;
  dialog?.addEventListener('pointerdown', (event) => { pressedOn = event.target; }, true);
  dialog?.addEventListener('click', (event) => {
    if ((event.target === dialog && pressedOn === dialog) || event.target.closest('[data-close]')) {
      event.preventDefault();
      dialog.close();
    }
  });
  dialog?.addEventListener('close', () => {
    dialog.replaceChildren();
    opener?.focus?.();
  });

  // What is pressed is still there when it is lifted, or the click would be lost: meanwhile no answer is put in its place.
  const LONGEST_PRESS = 1000; // milliseconds; who holds longer drags, or lifts outside the window
  let pressed = Promise.resolve();
  let lift = () => {};
  addEventListener('pointerdown', () => {
    pressed = new Promise((lifted) => {
      lift = lifted;
      setTimeout(lifted, LONGEST_PRESS);
    });
  }, true);
  for (const kind of ['pointerup', 'pointercancel']) addEventListener(kind, () => setTimeout(lift, 50), true); // the click comes between
  document.addEventListener('htmx:config:request', ({detail: {ctx}}) => {
    ctx.fetch = async (address, request) => {
      const answer = await fetch(address, request);
      const text = await answer.text();
      await pressed;
      request.signal.throwIfAborted();
      answer.text = async () => text;
      return answer;
    };
  });

  // htmx copies attributes of what it replaces to what comes, against the policy for styles: what the scripts or the person
  // gave a size to goes without it.
  document.addEventListener('htmx:before:swap', (event) => {
    const target = event.detail?.ctx?.target;
    if (target instanceof Element) [target, ...target.querySelectorAll('[style]')].forEach((one) => one.removeAttribute('style'));
  });

  // Menus: the focus goes in, arrows and first letters move it, Enter takes, Escape closes and gives it back; leaving closes too.
  const openMenu = () => first('details.b-menu[open]');
  const itemsOf = (menu) => [...menu.querySelectorAll(':scope > div a[href], :scope > div button')].filter((item) => item.offsetParent);
  let cameFrom = null; // what had the focus before a key opened the menu
  function enterMenu(menu) {
    menu.open = true;
    itemsOf(menu)[0]?.focus();
  }
  function leaveMenu(menu) {
    menu.open = false;
    (cameFrom?.isConnected && cameFrom !== document.body ? cameFrom : first('summary', menu)).focus();
    cameFrom = null;
  }
  // The next item after the one at *at* that begins with *letter*, round from the end to the beginning.
  function nextByLetter(items, at, letter) {
    if (letter.length !== 1 || letter === ' ') return null;
    const begins = (item) => item.innerText.trim().toLowerCase().startsWith(letter.toLowerCase());
    return [...items.slice(at + 1), ...items.slice(0, at + 1)].find(begins);
  }
  document.addEventListener('click', (event) => {
    for (const menu of document.querySelectorAll('details.b-menu[open]')) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener('toggle', (event) => {
    const menu = event.target;
    if (!menu.matches?.('details.b-menu') || !menu.open) return;
    if (document.activeElement === document.body || document.activeElement === first('summary', menu)) enterMenu(menu);
  }, true);
  document.addEventListener('focusout', (event) => {
    const menu = event.target.closest?.('details.b-menu[open]');
    if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog?.open) return;
    const summary = event.target.closest?.('details.b-menu > summary');
    if (summary && !summary.parentElement.open && ['ArrowDown', 'Enter', ' '].includes(event.key)) {
      event.preventDefault();
      event.stopPropagation();
      enterMenu(summary.parentElement);
      return;
    }
    const menu = openMenu();
    if (!menu || !(menu.contains(event.target) || event.target === document.body)) return;
    const items = itemsOf(menu);
    const at = items.indexOf(document.activeElement);
    const next = {
      ArrowDown: () => items[(at + 1) % items.length],
      ArrowUp: () => items[(at < 0 ? items.length : at + items.length - 1) % items.length],
      Home: () => items[0],
      End: () => items.at(-1),
    }[event.key] || (() => nextByLetter(items, at, event.key));
    const place = event.key === 'Escape' || typesInto(event.target) ? null : next();
    if (event.key === 'Escape') leaveMenu(menu);
    else if (place) place.focus();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });

  // A mark that all is well stands for what was looked at: it goes at the first key, until the next answer.
  document.addEventListener('input', (event) => {
    if (!event.target.closest('#table, #studio')) return;
    for (const mark of document.querySelectorAll('[data-mark]')) mark.hidden = true;
    for (const mark of document.querySelectorAll('[data-mark-old]')) mark.hidden = false;
  });

  // Ctrl Enter sends the form one is in; the pages of records, texts and tables have their own.
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing || event.defaultPrevented) return;
    const form = event.target.closest?.('form');
    if (!form || form.getAttribute('method') !== 'post' || ['entry', 'studio', 'table'].includes(form.id)) return;
    const button = first('button[type=submit]:not([aria-disabled=true]), button:not([type]):not([aria-disabled=true])', form);
    if (!button) return;
    event.preventDefault();
    form.requestSubmit(button);
  });

  // A scanner ends with Enter: where a form has a field for it, Enter leads on from every field, wherever the scan lands. Entry forms
  // and lines have keys of their own.
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
    const form = event.target.matches?.('input:not([type=submit]), select') && event.target.form;
    if (!form || form.id === 'entry' || !first('[data-scan]', form)) return;
    event.preventDefault();
    const order = stops(form, `${fields}, button`);
    order[order.indexOf(event.target) + 1]?.focus();
  });

  // What has the focus stays in view, whatever is drawn anew above or over it, while the person has not scrolled away.
  const bars = '.b-top, .b-signedout, .b-bar, .b-thumb, .b-side';
  function band() {
    let [top, bottom] = [0, innerHeight];
    for (const bar of document.querySelectorAll(bars)) {
      if (bar.contains(document.activeElement) || !bar.offsetParent && getComputedStyle(bar).position !== 'fixed') continue;
      const box = bar.getBoundingClientRect();
      if (box.width < innerWidth / 2 || box.height > innerHeight / 2) continue;
      if (box.top <= top + 1 && box.bottom > top) top = box.bottom;
      else if (box.bottom >= bottom - 1 && box.top < bottom) bottom = box.top;
    }
    return [top + 4, bottom - 4];
  }
  const isFollowed = (place) => place && place !== document.body && first('main')?.contains(place) && !place.closest('dialog');
  function distance(place) {
    const box = place.getBoundingClientRect();
    const [top, bottom] = band();
    if (box.top < top || box.height > bottom - top) return Math.min(0, box.top - top) || (box.top > bottom ? box.top - top : 0);
    return Math.max(0, box.bottom - bottom);
  }
  let isInView = true;
  function keepInView() {
    const place = document.activeElement;
    if (!isFollowed(place)) return;
    if (place.closest('.b-bar, .b-thumb')) return;
    const by = distance(place);
    if (by) scrollBy({top: by, behavior: 'instant'});
    isInView = true;
  }
  let touching = false; // somebody scrolls by hand: then what has the focus may leave the view
  for (const kind of ['wheel', 'touchmove']) addEventListener(kind, () => { touching = true; }, {passive: true});
  addEventListener('scroll', () => {
    if (touching) isInView = !isFollowed(document.activeElement) || distance(document.activeElement) === 0;
  }, {passive: true});
  addEventListener('keydown', () => { touching = false; }, true);
  document.addEventListener('focusin', () => { if (!touching) keepInView(); });
  const follow = () => { if (isInView) keepInView(); };
  document.addEventListener('blankett:renewed', follow);
  addEventListener('resize', follow);
  const growing = new ResizeObserver(follow);
  for (const part of document.querySelectorAll(`main, main > form, ${bars}`)) growing.observe(part);
  // A page with room to spare grows without any of these growing.
  const drawn = new MutationObserver(follow);
  if (first('main')) drawn.observe(first('main'), {childList: true, subtree: true, attributes: true, attributeFilter: ['hidden', 'open']});

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
    else if (place.matches('details.b-menu > summary')) {
      cameFrom = document.activeElement;
      enterMenu(place.parentElement);
    } else place.click();
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
