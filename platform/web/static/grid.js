// Lines of a table by keyboard alone: Enter and Tab to the next cell, a new line at the end, arrows, copy from above, undo.
(() => {
  'use strict';

  const form = document.getElementById('entry');
  if (!form) return;

  const cellSelector = '.b-cell, .b-cell__check input[type=checkbox]';
  const linesOf = (section) => [...section.querySelectorAll('tbody > tr[data-line]')];
  const cellsOf = (line) => [...line.querySelectorAll(cellSelector)];
  const columnOf = (cell) => cell.closest('td').cellIndex;
  const isOpen = (cell) => cell.getAttribute('aria-expanded') === 'true';
  const changed = () => document.dispatchEvent(new CustomEvent('blankett:lines'));
  let before = ''; // what a cell held when it was entered

  // New lines ------------------------------------------------------------------------------------------------------

  // A line's id is made here as on the server: a plus, then letters nobody else has.
  function newId() {
    return '+' + Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => 'ABCDEFGHJKMNPQRSTVWXYZ0123456789'[byte & 31]).join('');
  }
  function addLine(section) {
    const pattern = document.getElementById(`p-${section.dataset.table}`);
    if (!pattern) return null;
    const id = newId();
    const holder = document.createElement('template');
    holder.innerHTML = pattern.innerHTML.replaceAll('+new', id);
    const added = holder.content.querySelector('tr[data-line]');
    section.querySelector('tbody').append(holder.content);
    number(section);
    return added;
  }
  function isTickedAtFirst(box) {
    const pattern = document.getElementById(`p-${box.closest('[data-table]').dataset.table}`);
    const column = CSS.escape(box.name.slice(box.name.lastIndexOf('.')));
    return Boolean(pattern?.content.querySelector(`input[type=checkbox][name$="${column}"]`)?.defaultChecked);
  }
  // An untouched line is no line, whatever its columns start with, are filled with or have by default: as on the server.
  function isBlank(line) {
    const starts = new Map([...line.querySelectorAll('input[name=_filled], input[name=_given]')].map((held) => {
      const at = held.value.indexOf('=');
      return [held.value.slice(0, at), held.value.slice(at + 1)];
    }));
    return cellsOf(line).every((cell) => {
      const start = starts.get(cell.name);
      if (cell.type === 'checkbox') return cell.checked === (start === undefined ? isTickedAtFirst(cell) : start === 'yes');
      return cell.value === start || !cell.value.trim();
    });
  }
  const isNew = (line) => line.dataset.line.includes('.+');
  // Exactly one blank line stands at the end, and it has no number and nothing to remove.
  function number(section) {
    const lines = linesOf(section);
    let count = 0;
    for (const line of lines) {
      const blank = isBlank(line) && isNew(line);
      const place = line.querySelector('.b-lineno');
      if (!blank) count += 1;
      place.textContent = blank && line !== lines.at(-1) ? '' : String(blank ? count + 1 : count);
      const drop = line.querySelector('[name=_drop]');
      if (drop) {
        drop.hidden = blank;
        drop.tabIndex = -1; // Tab goes to the next cell; Alt Delete removes the line
      }
      label(section, line, place.textContent || '#');
    }
    const counter = document.querySelector(`[data-line-count="${section.dataset.table}"]`);
    if (counter) counter.textContent = String(count);
  }
  // Every control is called by its line's number: "Line 2 Price". The pattern has a # where the number stands.
  function label(section, line, number) {
    const named = '[aria-label]';
    const pattern = document.getElementById(`p-${section.dataset.table}`)?.content.querySelector('tr[data-line]');
    const labels = [...(pattern?.querySelectorAll(named) || [])];
    const controls = [...line.querySelectorAll(named)];
    if (labels.length !== controls.length) return;
    controls.forEach((control, place) => control.setAttribute('aria-label', labels[place].getAttribute('aria-label').replace('#', number)));
  }
  function keepBlankLine(section) {
    const last = linesOf(section).at(-1);
    if (!last || !isBlank(last) || !isNew(last)) return addLine(section);
    number(section);
    return last;
  }

  // Moving -------------------------------------------------------------------------------------------------------------

  function enter(cell) {
    if (!cell) return;
    cell.focus();
    cell.select?.();
  }
  function nextCell(cell, by) {
    const section = cell.closest('[data-table]');
    const all = linesOf(section).flatMap(cellsOf);
    const at = all.indexOf(cell) + by;
    if (at < all.length) return all[Math.max(0, at)];
    const line = cell.closest('tr');
    if (isBlank(line) && isNew(line)) return afterGrid(section);
    return cellsOf(addLine(section) || line)[0];
  }
  // From the blank line at the end, Enter leaves the grid.
  function afterGrid(section) {
    const order = window.blankett.stops(form, 'input:not([type=hidden]), select, textarea, button[data-submit]');
    const last = order.findLastIndex((one) => section.contains(one));
    return order[last + 1] || null;
  }
  function verticalCell(cell, by) {
    const lines = linesOf(cell.closest('[data-table]'));
    const line = lines[lines.indexOf(cell.closest('tr')) + by];
    return line?.cells[columnOf(cell)]?.querySelector(cellSelector);
  }
  const atStart = (cell) => cell.selectionStart === undefined || cell.type === 'checkbox' || (cell.selectionStart === 0 && (cell.selectionEnd === 0 || cell.selectionEnd === cell.value.length));
  const atEnd = (cell) => cell.selectionStart === undefined || cell.type === 'checkbox' || (cell.selectionEnd === cell.value.length && (cell.selectionStart === cell.value.length || cell.selectionStart === 0));

  // Changing -----------------------------------------------------------------------------------------------------------

  function put(cell, value) {
    if (cell.type === 'checkbox') cell.checked = value === true;
    else cell.value = value;
    cell.select?.();
    cell.dispatchEvent(new Event('input', {bubbles: true}));
    cell.dispatchEvent(new Event('change', {bubbles: true}));
  }
  function copyAbove(cell) {
    const above = verticalCell(cell, -1);
    if (!above) return;
    carryPick(above, cell);
    put(cell, above.type === 'checkbox' ? above.checked : above.value);
  }
  // The id behind a chosen title goes along with the title.
  function carryPick(from, to) {
    const held = from.closest('td').querySelector('input[name=_picked]');
    to.closest('td').querySelector('input[name=_picked]')?.remove();
    if (!held) return;
    const copy = held.cloneNode();
    copy.value = to.name + held.value.slice(held.value.indexOf('='));
    to.closest('td').append(copy);
  }
  function moveLine(cell, by) {
    const line = cell.closest('tr');
    const lines = linesOf(line.closest('[data-table]'));
    const other = lines[lines.indexOf(line) + by];
    if (!other || isBlank(other) || isBlank(line)) return;
    const [upper, lower] = by < 0 ? [other, line] : [line, other];
    const errors = lower.nextElementSibling;
    upper.before(lower, errors);
    number(line.closest('[data-table]'));
    enter(cell);
    changed();
  }
  function dropLine(line) {
    const section = line.closest('[data-table]');
    const lines = linesOf(section);
    const neighbour = lines[lines.indexOf(line) + 1] || lines[lines.indexOf(line) - 1];
    const errors = line.nextElementSibling;
    if (errors?.matches('.b-rowerror')) errors.remove();
    line.remove();
    keepBlankLine(section);
    enter(neighbour?.isConnected ? cellsOf(neighbour)[0] : cellsOf(linesOf(section)[0])[0]);
    changed();
  }

  // Keys ---------------------------------------------------------------------------------------------------------------

  const moves = {
    Enter: (cell, event) => nextCell(cell, event.shiftKey ? -1 : 1),
    ArrowDown: (cell) => (cell.tagName === 'SELECT' ? undefined : verticalCell(cell, 1)),
    ArrowUp: (cell) => (cell.tagName === 'SELECT' ? undefined : verticalCell(cell, -1)),
    ArrowRight: (cell) => (cell.tagName !== 'SELECT' && atEnd(cell) ? nextCell(cell, 1) : undefined),
    ArrowLeft: (cell) => (cell.tagName !== 'SELECT' && atStart(cell) ? nextCell(cell, -1) : undefined),
  };
  form.addEventListener('keydown', (event) => {
    const cell = event.target.closest?.(cellSelector);
    if (!cell || event.isComposing || event.defaultPrevented || isOpen(cell)) return;
    if (event.altKey && event.key === 'Delete') {
      event.preventDefault();
      if (!cell.closest('tr').querySelector('[name=_drop]')?.hidden) dropLine(cell.closest('tr'));
    } else if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      moveLine(cell, event.key === 'ArrowUp' ? -1 : 1);
    } else if (event.ctrlKey && event.key.toLowerCase() === 'd') {
      event.preventDefault();
      copyAbove(cell);
    } else if (event.key === 'Escape') {
      if (cell.type !== 'checkbox' && cell.value !== before) put(cell, before);
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey && moves[event.key]) {
      const next = moves[event.key](cell, event);
      if (next === undefined) return;
      event.preventDefault();
      enter(next);
    }
  });
  form.addEventListener('focusin', (event) => {
    if (event.target.matches?.(cellSelector)) before = event.target.value;
  });
  form.addEventListener('input', (event) => {
    const section = event.target.closest?.('[data-table]');
    if (section && event.target.matches(cellSelector)) keepBlankLine(section);
  });
  form.addEventListener('click', (event) => {
    const button = event.target.closest('button[name=_drop], button[name=_add]');
    if (!button) return;
    event.preventDefault();
    if (button.name === '_drop') dropLine(button.closest('tr'));
    else enter(cellsOf(keepBlankLine(button.closest('[data-table]')))[0]);
  });
  document.addEventListener('blankett:renewed', () => form.querySelectorAll('[data-table]').forEach(number));
})();
