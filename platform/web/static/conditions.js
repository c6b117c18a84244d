// Fields that a choice shows or hides: at once where the page knows, so that Tab goes there without a round trip. Where only the
// server knows, Tab and Enter wait for its answer, a second at most, and so do the keys typed after them: they go where the focus goes.
(() => {
  'use strict';

  const PATIENCE = 1000; // milliseconds that keys wait for an answer
  const entry = window.blankett?.entry;
  const form = entry?.form;
  const place = () => document.getElementById('conditions');
  if (!form || !place()) return;

  // What is known -------------------------------------------------------------------------------------------------------

  let known = {text: null, conditions: []};
  // [{at: "caller" or "lines.fee", by: ["channel"], shown: Set of "phone", watch: ["customer"]}]
  function conditions() {
    const text = place()?.dataset.conditions || '[]';
    if (text !== known.text) known = {text, conditions: JSON.parse(text).map((one) => ({...one, shown: new Set(one.shown)}))};
    return known.conditions;
  }
  // The wrapper of a field or table, or those of a column's cells, with the id of their line.
  function placesOf(condition) {
    const [table, column] = condition.at.split('.');
    if (!column) return [{wrapper: document.getElementById(`u-${table}`) || document.getElementById(`g-${table}`), line: ''}];
    return [...form.querySelectorAll(`[data-table="${CSS.escape(table)}"] tbody > tr[data-line]`)].map((row) => ({
      wrapper: document.getElementById(`u-${row.dataset.line}.${column}`),
      line: row.dataset.line,
    }));
  }
  // The text of a choice as it would be posted; empty where it is hidden, null where it cannot be known here.
  function textOf(path, line) {
    const [first, column] = path.split('.');
    const name = column ? `${line}.${column}` : first;
    const wrapper = document.getElementById(`u-${name}`);
    const controls = [...(wrapper?.querySelectorAll('[data-control][name], [data-control] [name]') || [])];
    if (wrapper && isHidden(wrapper)) return '';
    if (!controls.length) return null;
    const boxes = controls.filter((control) => control.matches('[type=radio], [type=checkbox]'));
    if (!boxes.length) return controls[0].value;
    const chosen = boxes.find((box) => box.checked);
    return chosen ? chosen.value : controls.find((control) => control.type === 'hidden')?.value || '';
  }
  const isCell = (wrapper) => wrapper.tagName === 'TD';
  const isHidden = (wrapper) => (isCell(wrapper) ? !wrapper.querySelector('[data-control]') : wrapper.hidden);
  const isDue = () => [...form.querySelectorAll('[data-pick]')].some((input) => window.blankett.isDue?.(input));
  // Whether nothing has changed by which the condition may turn out otherwise than it stands here.
  const isCertain = (condition) => !condition.watch.some((key) => entry.isChanged(key)) && !(condition.watch.length && isDue());
  // true, false, or null where only the server knows.
  function isShown(condition, line) {
    if (!condition.by.length || !isCertain(condition)) return null;
    const texts = condition.by.map((path) => textOf(path, line));
    return texts.includes(null) ? null : condition.shown.has(texts.join(','));
  }

  // Showing and hiding ----------------------------------------------------------------------------------------------------

  function apply() {
    const all = conditions();
    for (let round = 0; round <= all.length; round += 1) {
      let changed = false;
      for (const condition of all) {
        for (const {wrapper, line} of placesOf(condition)) {
          const shown = wrapper ? isShown(condition, line) : null;
          if (shown === null || shown !== isHidden(wrapper)) continue;
          changed = (shown ? show(wrapper, condition, line) : hide(wrapper)) || changed;
        }
      }
      if (!changed) break;
    }
    form.querySelectorAll('section[id^="s-"]').forEach(showSection);
  }
  function show(wrapper, condition, line) {
    if (isCell(wrapper)) return showCell(wrapper, condition, line);
    if (!wrapper.querySelector('[data-control]') && wrapper.id.startsWith('u-')) {
      const drawn = document.getElementById(`l-${condition.at}`)?.content.cloneNode(true).firstElementChild;
      if (!drawn) return false;
      const typed = wrapper.querySelector('input[type=hidden][name]:not([name^="_"])')?.value;
      wrapper.className = drawn.className;
      wrapper.replaceChildren(...drawn.childNodes);
      const control = wrapper.querySelector('[data-control]');
      if (typed && 'value' in control) control.value = typed;
    }
    wrapper.hidden = false;
    return true;
  }
  // A cell looks as in a new line.
  function showCell(wrapper, condition, line) {
    const [table, column] = condition.at.split('.');
    const pattern = document.getElementById(`p-${table}`)?.content.querySelector(`[id="u-${table}.+new.${column}"]`);
    if (!pattern?.querySelector('[data-control]')) return false;
    const holder = document.createElement('template');
    holder.innerHTML = pattern.innerHTML.replaceAll('+new', line.slice(table.length + 1));
    const typed = wrapper.querySelector('input[type=hidden]')?.value;
    wrapper.replaceChildren(holder.content);
    const control = wrapper.querySelector('[data-control]');
    if (typed && 'value' in control) control.value = typed;
    return true;
  }
  // What was typed stays in the page, and is posted: it is there again when the field is.
  function hide(wrapper) {
    if (wrapper.contains(document.activeElement)) return false;
    if (!isCell(wrapper)) {
      wrapper.hidden = true;
      return true;
    }
    const control = wrapper.querySelector('input.b-cell, select.b-cell');
    const kept = document.createElement('input');
    Object.assign(kept, {type: 'hidden', name: control?.name || '', value: control?.value || ''});
    wrapper.replaceChildren(...(kept.name && kept.value ? [kept] : []));
    return true;
  }
  function showSection(section) {
    const fields = section.querySelector('[id^="c-"]');
    const shown = (part) => [...part.children].some((child) => /^[ug]-/.test(child.id) && !child.hidden);
    if (fields) fields.hidden = !shown(fields);
    const isEmpty = !(fields && !fields.hidden) && !shown(section);
    if (section.hidden !== isEmpty) section.hidden = isEmpty;
  }
  form.addEventListener('input', apply);
  form.addEventListener('change', apply);
  document.addEventListener('blankett:renewed', apply);

  // Whether an answer says otherwise than the choices that stand here: it was asked for before they were made.
  function overrules(old, fresh) {
    const condition = conditions().find((one) => placesOf(one).some(({wrapper}) => wrapper === old));
    if (!condition) return false;
    const {line} = placesOf(condition).find(({wrapper}) => wrapper === old);
    const shown = isShown(condition, line);
    const isHiddenThere = isCell(fresh) ? !fresh.querySelector('[data-control], .b-cell__out') : fresh.hidden;
    if (shown !== null) {
      if (shown === isHiddenThere) return true;
      // Hidden on both sides: what was typed stays.
      if (isHiddenThere && old.querySelector('[data-control]')) return true;
    }
    return false;
  }

  // Keys that wait ----------------------------------------------------------------------------------------------------------

  let held = null; // {key, from, timer, watch} while keys wait
  const queue = []; // keys typed meanwhile
  let isReplaying = false;
  const focusable = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]';
  const stops = () => window.blankett.stops(document, focusable);
  const moves = (event) => !event.ctrlKey && !event.metaKey && !event.altKey && (event.key === 'Tab' || (event.key === 'Enter' && event.target.matches('input, select')));
  const isAfter = (one, other) => Boolean(one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);

  // Where a move leads as far as the page knows: Enter passes buttons by.
  function nextOf({from, key, shiftKey}) {
    const order = stops().filter((stop) => form.contains(stop) && !(key === 'Enter' && stop.matches('button:not([data-submit])')));
    return order[order.indexOf(from) + (shiftKey ? -1 : 1)];
  }
  // The conditions that decide where a move leads and that only the server knows now.
  function unknownOnTheWay(move) {
    const {from, shiftKey: back} = move;
    const next = nextOf(move);
    const isOnTheWay = (wrapper) => {
      if (wrapper.contains(from)) return false;
      const [start, end] = back ? [next, from] : [from, next];
      return (!start || isAfter(start, wrapper) || wrapper.contains(start)) && (!end || isAfter(wrapper, end) || wrapper.contains(end));
    };
    return conditions().filter((condition) => !isCertain(condition)
      && placesOf(condition).some(({wrapper}) => wrapper && isOnTheWay(wrapper)));
  }
  form.addEventListener('keydown', (event) => {
    if (held || event.isReleased || !moves(event)) return;
    if (!unknownOnTheWay({from: event.target, key: event.key, shiftKey: event.shiftKey}).length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    held = {key: event.key, shiftKey: event.shiftKey, from: event.target, timer: setTimeout(release, PATIENCE)};
    entry.ask(0);
  }, true);
  addEventListener('keydown', (event) => {
    if (!held || isReplaying || event.isComposing) return;
    if ((event.ctrlKey || event.metaKey || event.altKey) && event.key !== 'Enter') {
      release();
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) queue.push({key: event.key, shiftKey: event.shiftKey, ctrlKey: event.ctrlKey, metaKey: event.metaKey});
  }, true);
  addEventListener('pointerdown', () => { if (held) release(); }, true);
  document.addEventListener('blankett:renewed', () => {
    if (held && !unknownOnTheWay(held).length) release();
  });
  document.addEventListener('blankett:picked', () => { if (held) entry.ask(0); });

  function release() {
    const {key, shiftKey, from, timer} = held;
    clearTimeout(timer);
    held = null;
    isReplaying = true;
    if (document.activeElement === from) press({key, shiftKey}, true);
    isReplaying = false;
    replay();
  }
  function replay() {
    while (queue.length && !held) {
      isReplaying = true;
      press(queue.shift(), false);
      isReplaying = false;
    }
  }
  // A key as the browser would carry it out; a move that waited once does not wait again.
  function press(key, isReleased) {
    const target = document.activeElement || document.body;
    const event = new KeyboardEvent('keydown', {...key, bubbles: true, cancelable: true});
    if (isReleased) Object.defineProperty(event, 'isReleased', {value: true});
    if (isReleased && key.key === 'Tab') return step(target, key.shiftKey);
    if (!target.dispatchEvent(event)) return;
    if (key.key === 'Tab') step(target, key.shiftKey);
    else if (key.key.length === 1 && !key.ctrlKey && !key.metaKey) write(target, key.key);
    else if (key.key === 'Backspace') document.execCommand('delete');
    else if (key.key === 'Delete') document.execCommand('forwardDelete');
    else if (key.key === 'Enter' && target.matches('button, a, summary')) target.click();
    else if (target.matches('select') && ['ArrowDown', 'ArrowUp'].includes(key.key)) choose(target, target.selectedIndex + (key.key === 'ArrowDown' ? 1 : -1));
  }
  function step(from, back) {
    const order = stops();
    const next = order[order.indexOf(from) + (back ? -1 : 1)];
    next?.focus();
    if (next?.matches('input')) next.select?.();
  }
  let letters = '';
  let lettersAt = 0;
  function write(target, letter) {
    if (target.matches('select')) {
      letters = (Date.now() - lettersAt < 1000 ? letters : '') + letter.toLowerCase();
      lettersAt = Date.now();
      choose(target, [...target.options].findIndex((option) => option.text.trim().toLowerCase().startsWith(letters)));
    } else if (target.matches('button, [type=checkbox], [type=radio], summary')) {
      if (letter === ' ') target.click();
    } else document.execCommand('insertText', false, letter);
  }
  function choose(select, number) {
    if (number < 0 || number >= select.options.length || number === select.selectedIndex) return;
    select.selectedIndex = number;
    select.dispatchEvent(new Event('input', {bubbles: true}));
    select.dispatchEvent(new Event('change', {bubbles: true}));
  }

  window.blankett = {...window.blankett, conditions: {overrules}};
})();
