// Choosing a record or a person by typing: a combobox whose list the server makes. Without it, what is typed is looked up there.
//
// An answer counts only for the words that stand in the box when it comes. Enter and Tab take a row only where it was asked for
// by those words; else the box is due: its row is taken as soon as the answer is there, wherever the focus is by then, and a form
// that is sent meanwhile waits for it. So the same keys give the same record, however slowly the server answers.
(() => {
  'use strict';

  const DELAY = 120; // milliseconds between the last key and the question
  const PATIENCE = 5000; // so long a form that is sent waits for an answer

  // input → {words, rows} of the last answer, the question under way, and what waits for it; steps: arrows pressed meanwhile
  const questions = new WeakMap();
  const dueBoxes = new Set();
  let owner = null; // the input the list belongs to
  let list = null; // the list of its form
  let chosen = -1;
  let isTaking = false;

  const isPicker = (element) => Boolean(element?.dataset?.pick && element.form);
  const listOf = (input) => input.form.querySelector('[role=listbox]');
  const options = () => [...list.querySelectorAll('[role=option]')];
  const isOpen = (input) => owner === input && Boolean(list) && !list.hidden;
  function questionOf(input) {
    if (!questions.has(input)) questions.set(input, {words: null, rows: [], asking: null, timer: 0, control: null, isTyped: false, steps: 0});
    return questions.get(input);
  }
  // Whether the rows at hand are those of the words that stand in the box.
  const isAnswered = (input) => questionOf(input).words === input.value;
  // Which of the answer's rows is marked when it comes: the first one of what was typed, and as many further as arrows were pressed.
  function rowAtFirst(input, count) {
    const {steps} = questionOf(input);
    if (!count || (!steps && !input.value.trim())) return -1;
    const row = input.value.trim() || steps < 0 ? steps : steps - 1;
    return ((row % count) + count) % count;
  }

  // The list ------------------------------------------------------------------------------------------------------------

  function own(input) {
    if (owner !== input) close();
    owner = input;
    list = listOf(input);
    if (list && input.getAttribute('aria-controls') !== list.id) input.setAttribute('aria-controls', list.id);
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
    if (!list) return;
    list.hidden = true;
    list.removeAttribute('style'); // htmx would copy it as an attribute to the list that replaces this one, against the CSP
    chosen = -1;
    owner?.setAttribute('aria-expanded', 'false');
    owner?.removeAttribute('aria-activedescendant');
  }
  // Mark the row *number*; a negative one marks none.
  function mark(number) {
    const all = options();
    chosen = Math.min(number, all.length - 1);
    all.forEach((option, place) => option.setAttribute('aria-selected', String(place === chosen)));
    if (chosen < 0) return owner.removeAttribute('aria-activedescendant');
    all[chosen].scrollIntoView({block: 'nearest'});
    owner.setAttribute('aria-activedescendant', all[chosen].id);
  }
  function step(by) {
    const count = options().length;
    if (count) mark(chosen < 0 ? (by > 0 ? 0 : count - 1) : (chosen + by + count) % count);
  }
  function show(input) {
    own(input);
    list.replaceChildren(...questionOf(input).rows);
    options().forEach((option, place) => { option.id = `${list.id}-${place + 1}`; });
    open();
    mark(rowAtFirst(input, options().length));
  }

  // Asking ----------------------------------------------------------------------------------------------------------------

  function ask(input, delay) {
    const question = questionOf(input);
    clearTimeout(question.timer);
    if (question.asking === input.value) return; // it is on its way
    question.control?.abort();
    question.asking = null;
    if (delay) question.timer = setTimeout(() => send(input), delay);
    else send(input);
  }
  async function send(input) {
    const question = questionOf(input);
    const place = input.isConnected ? listOf(input) : null;
    if (!place) return settle(input);
    const words = input.value;
    const control = new AbortController();
    Object.assign(question, {asking: words, control});
    const values = new FormData(input.form);
    for (const [name, value] of [['_pick', input.dataset.pick], ['_name', input.name], ['_words', words]]) values.set(name, value);
    let rows = null;
    try {
      const headers = {'HX-Request': 'true', 'HX-Target': `ul#${place.id}`, ...JSON.parse(document.body.getAttribute('hx-headers:inherited') || '{}')};
      const answer = await fetch(place.dataset.from, {method: 'POST', body: new URLSearchParams(values), headers, signal: control.signal});
      const text = await answer.text();
      if (answer.status === 401) document.dispatchEvent(new CustomEvent('blankett:signed-out', {detail: {source: input, text}}));
      if (answer.ok) rows = rowsOf(text);
    } catch (fault) {
      if (control.signal.aborted) return;
    }
    if (question.control !== control) return;
    Object.assign(question, {asking: null, control: null});
    if (rows && input.value === words) {
      Object.assign(question, {words, rows});
      if (document.activeElement === input && question.isAsked) show(input);
    }
    settle(input);
  }
  function rowsOf(text) {
    const holder = document.createElement('template');
    holder.innerHTML = text;
    return [...holder.content.children];
  }

  // Taking ----------------------------------------------------------------------------------------------------------------

  function take(input, option) {
    const holder = input.closest('.b-field, td') || input.parentElement;
    holder.querySelector('input[name=_picked]')?.remove();
    const held = document.createElement('input');
    held.type = 'hidden';
    held.name = '_picked';
    held.value = `${input.name}=${option.dataset.id}|${option.dataset.title}`;
    holder.append(held);
    if (owner === input) close();
    Object.assign(questionOf(input), {isTyped: false, isAsked: false, words: null, steps: 0});
    input.value = option.dataset.title;
    isTaking = true;
    input.dispatchEvent(new Event('input', {bubbles: true}));
    input.dispatchEvent(new Event('change', {bubbles: true}));
    isTaking = false;
  }
  // What the person left behind before its answer came: true while it must be waited for.
  function leave(input) {
    const question = questionOf(input);
    if (isOpen(input) && isAnswered(input) && chosen >= 0) {
      take(input, options()[chosen]);
      return false;
    }
    close();
    question.isAsked = false;
    if (isAnswered(input) || !(question.steps || (question.isTyped && input.value.trim()))) return false;
    dueBoxes.add(input);
    ask(input, 0);
    return true;
  }
  function settle(input) {
    if (!dueBoxes.delete(input)) return;
    const rows = isAnswered(input) ? questionOf(input).rows.filter((row) => row.matches('[role=option]')) : [];
    const row = rows[rowAtFirst(input, rows.length)];
    if (row && input.isConnected) take(input, row);
    document.dispatchEvent(new CustomEvent('blankett:picked'));
  }

  document.addEventListener('input', (event) => {
    if (isTaking || !isPicker(event.target)) return;
    const typed = event.isTrusted || event.inputType === 'insertText';
    dueBoxes.delete(event.target);
    Object.assign(questionOf(event.target), {isTyped: typed, isAsked: typed, steps: 0});
    if (!typed || !own(event.target)) return;
    if (!list.hidden) mark(-1);
    ask(event.target, DELAY);
  });
  document.addEventListener('click', (event) => {
    if (isPicker(event.target)) {
      if (own(event.target) && list.hidden) openAll(event.target);
    } else if (!list?.contains(event.target)) close();
  });
  function openAll(input) {
    Object.assign(questionOf(input), {isAsked: true, steps: 0});
    ask(input, 0);
  }
  document.addEventListener('focusout', (event) => {
    if (!isPicker(event.target)) return;
    const question = questionOf(event.target);
    clearTimeout(question.timer);
    if (!dueBoxes.has(event.target)) Object.assign(question, {isAsked: false, steps: 0});
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
    if (option) take(owner, option);
  });
  document.addEventListener('keydown', (event) => {
    const input = event.target;
    if (!isPicker(input) || event.isComposing || !own(input)) return;
    if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && !event.altKey) {
      const by = event.key === 'ArrowDown' ? 1 : -1;
      const question = questionOf(input);
      if (isOpen(input) && isAnswered(input)) step(by);
      else if (question.isAsked && !isAnswered(input)) {
        question.steps += by;
        ask(input, 0);
      } else if (event.key === 'ArrowDown' && (isOpen(input) || !input.closest('.b-grid'))) openAll(input);
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (event.key === 'Enter' || event.key === 'Tab') {
      const wasOpen = isOpen(input);
      const waits = leave(input);
      // In an entry form Enter then goes on to the next cell; elsewhere it would send the form.
      if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey && (wasOpen || waits) && input.form.id !== 'entry') event.preventDefault();
    } else if (event.key === 'Escape' && (isOpen(input) || questionOf(input).isTyped)) {
      const wasOpen = isOpen(input);
      Object.assign(questionOf(input), {isTyped: false, isAsked: false, steps: 0});
      close();
      if (!wasOpen) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);

  // A form that is sent before the answer is there waits for it.
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (isPicker(document.activeElement) && document.activeElement.form === form) leave(document.activeElement);
    const waited = [...dueBoxes].filter((input) => input.form === form);
    if (!waited.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const look = () => {
      if (waited.some((input) => dueBoxes.has(input))) return;
      document.removeEventListener('blankett:picked', look);
      clearTimeout(late);
      if (form.isConnected) form.requestSubmit(event.submitter);
    };
    const late = setTimeout(() => {
      for (const input of waited) dueBoxes.delete(input);
      look();
    }, PATIENCE);
    document.addEventListener('blankett:picked', look);
  }, true);

  // What entry.js asks before it moves on: whether a box of the form still waits for its answer.
  window.blankett = {...window.blankett, isDue: (input) => dueBoxes.has(input)};
})();
