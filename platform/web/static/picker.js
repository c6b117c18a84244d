// Choosing a record or a person by typing: a combobox whose list the server makes. Without it, what is typed is looked up there.
(() => {
  'use strict';

  let owner = null; // the input the list belongs to
  let list = null; // the list of its form
  let waiting = 0;
  let chosen = -1;

  const options = () => [...list.querySelectorAll('[role=option]')];
  function own(input) {
    if (owner !== input) close();
    owner = input;
    list = input.form.querySelector('[role=listbox]');
    return Boolean(list);
  }

  function open() {
    const box = owner.getBoundingClientRect();
    const height = Math.min(320, innerHeight - 16);
    const below = innerHeight - box.bottom;
    list.hidden = false;
    list.style.maxHeight = `${Math.min(height, Math.max(below, box.top) - 12)}px`;
    list.style.minWidth = `${box.width}px`;
    list.style.left = `${Math.max(8, Math.min(box.left, innerWidth - list.offsetWidth - 8))}px`;
    list.style.top = `${(below > 200 || below > box.top ? box.bottom + 2 : box.top - list.offsetHeight - 2)}px`;
    owner.setAttribute('aria-expanded', 'true');
  }
  function close() {
    clearTimeout(waiting);
    if (!list) return;
    list.hidden = true;
    list.removeAttribute('style'); // htmx would copy it as an attribute to the list that replaces this one, against the CSP
    chosen = -1;
    owner?.setAttribute('aria-expanded', 'false');
    owner?.removeAttribute('aria-activedescendant');
  }
  function mark(number) {
    const all = options();
    chosen = all.length ? (number + all.length) % all.length : -1;
    all.forEach((option, place) => option.setAttribute('aria-selected', String(place === chosen)));
    if (chosen < 0) return owner.removeAttribute('aria-activedescendant');
    all[chosen].scrollIntoView({block: 'nearest'});
    owner.setAttribute('aria-activedescendant', all[chosen].id);
  }
  function ask(delay) {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const input = owner;
      const values = {_pick: input.dataset.pick, _name: input.name, _words: input.value};
      await htmx.ajax('POST', list.dataset.from, {source: list, target: list, swap: 'innerHTML', values});
      if (document.activeElement !== input || owner !== input) return;
      open();
      mark(input.value.trim() ? 0 : -1);
    }, delay);
  }
  function take(option) {
    const input = owner;
    const holder = input.closest('.b-field, td');
    holder.querySelector('input[name=_picked]')?.remove();
    const held = document.createElement('input');
    held.type = 'hidden';
    held.name = '_picked';
    held.value = `${input.name}=${option.dataset.id}|${option.dataset.title}`;
    holder.append(held);
    input.value = option.dataset.title;
    close();
    input.dispatchEvent(new Event('input', {bubbles: true}));
    close();
    input.dispatchEvent(new Event('change', {bubbles: true}));
  }

  document.addEventListener('input', (event) => {
    if (event.target.dataset?.pick && event.isTrusted && own(event.target)) ask(120);
  });
  document.addEventListener('click', (event) => {
    if (event.target.dataset?.pick) {
      if (own(event.target) && list.hidden) ask(0);
    } else if (!list?.contains(event.target)) close();
  });
  document.addEventListener('focusout', (event) => {
    if (event.target === owner) close();
  });
  // The page scrolls by itself when something appears above: the list goes along while its input can be seen.
  addEventListener('scroll', (event) => {
    if (!list || list.hidden || event.target === list) return;
    const box = owner.getBoundingClientRect();
    if (box.bottom > 0 && box.top < innerHeight) open();
    else close();
  }, true);
  document.addEventListener('blankett:renewed', () => {
    if (list && !list.hidden) open();
  });
  document.addEventListener('pointerdown', (event) => {
    if (!list?.contains(event.target)) return;
    event.preventDefault(); // the input keeps the focus
    const option = event.target.closest('[role=option]');
    if (option) take(option);
  });
  document.addEventListener('keydown', (event) => {
    if (!event.target.dataset?.pick || event.isComposing || !own(event.target)) return;
    const isOpen = !list.hidden;
    if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && !event.altKey) {
      if (isOpen) mark(chosen + (event.key === 'ArrowDown' ? 1 : -1));
      else if (event.key === 'ArrowDown' && !owner.closest('.b-grid')) ask(0);
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if ((event.key === 'Enter' || event.key === 'Tab') && isOpen && chosen >= 0) {
      take(options()[chosen]); // Enter then goes on to the next cell, Tab to the next control
    } else if (event.key === 'Enter' || event.key === 'Tab') {
      close();
    } else if (event.key === 'Escape' && isOpen) {
      close();
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);
})();
