// The grid of a decision table: cells by arrow keys, rows by keys and buttons, what is found as soon as a cell is left.
// The page works without it: then the same buttons post the form.
(() => {
  'use strict';

  const form = document.getElementById('table');
  const body = document.getElementById('rows');
  const pattern = document.getElementById('row-pattern');
  const looking = document.getElementById('looking');
  if (!form || !body || !pattern || !looking) return;

  const rows = () => [...body.querySelectorAll('tr[data-row]')];
  const cellsOf = (row) => [...row.querySelectorAll('.b-cell')];
  const columnOf = (cell) => cell.closest('td').cellIndex;
  const chosen = () => body.querySelector('input[name=_row]:checked')?.closest('tr') || null;
  let isChanged = 'changed' in form.dataset;
  let leaving = false;
  let waiting = 0;
  let changes = 0; // how often the rows changed
  let isHeld = false; // a look waits until the row that is being filled in is left
  let before = ''; // what a cell held when it was entered
  const deleted = []; // rows that went, the last one first: {row, at}

  // Looking: what was typed is sent shortly after a cell is left, and the answer is put beside the rows --------------

  function look(delay = 30) {
    isChanged = true;
    changes += 1;
    document.getElementById('table-saved').textContent = form.dataset.unsaved;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      isHeld = isBeingFilled();
      if (!isHeld) looking.dispatchEvent(new CustomEvent('blankett:rows'));
    }, delay);
  }
  // A new row is not complained about while somebody is still filling it in.
  function isBeingFilled() {
    const row = document.activeElement?.closest?.('tr[data-row]');
    return row?.querySelector('input[name=row]').value === '+' && cellsOf(row).some((cell) => cell.dataset.out === '' && !cell.value.trim());
  }
  body.addEventListener('focusout', (event) => {
    const row = event.target.closest('tr[data-row]');
    if (isHeld && row && !row.contains(event.relatedTarget)) look();
  });
  // An answer about rows that have changed since is left out: another look is on its way.
  document.addEventListener('htmx:config:request', (event) => {
    const {ctx} = event.detail;
    if (ctx.sourceElement === looking) ctx.changes = changes;
  });
  document.addEventListener('htmx:before:swap', (event) => {
    const {ctx, tasks} = event.detail;
    if (!form.contains(ctx.sourceElement)) return;
    if (ctx.response?.raw?.status >= 400) showRefusal(tasks.splice(0)[0]?.fragment);
    else if (ctx.sourceElement === looking && ctx.changes !== changes) tasks.splice(0);
  });
  // What stands in the way is said above the rows; what was found before, and everything typed, stays.
  function showRefusal(fragment) {
    const found = document.getElementById('found');
    const said = fragment?.querySelector('.b-errors');
    if (!said) return;
    found.querySelector('.b-errors')?.remove();
    found.prepend(said);
  }
  form.addEventListener('change', (event) => {
    if (event.target.name && event.target.name !== '_row') look();
  });
  form.addEventListener('input', (event) => {
    isChanged = true;
    const row = event.target.closest('tr[data-row]');
    if (row && event.target.matches('.b-cell')) row.querySelector('.b-hits').textContent = '·';
  });
  document.addEventListener('htmx:after:swap', () => {
    place();
    placeMarks();
  });

  function place() {
    const found = document.getElementById('explanations');
    if (!found) return;
    for (const old of body.querySelectorAll('.b-explain')) old.remove();
    for (const old of body.querySelectorAll('.is-cause, .is-wrong, .is-clash')) old.classList.remove('is-cause', 'is-wrong', 'is-clash');
    const all = rows();
    for (const told of found.content.querySelectorAll('.b-explain')) {
      const row = all[told.dataset.for - 1];
      if (!row) continue;
      lastOf(row).after(told.cloneNode(true));
      row.classList.add(told.dataset.is === 'error' ? 'is-wrong' : 'is-clash');
      for (const number of [told.dataset.for, ...told.dataset.others.split(' ')]) markCells(all[number - 1], told.dataset.columns);
    }
    found.remove();
    showFixes();
    document.getElementById('table-status').textContent = document.getElementById('found').dataset.said;
  }
  function markCells(row, columns) {
    for (const key of row ? columns.split(' ') : []) row.querySelector(`td[data-column="${CSS.escape(key)}"]`)?.classList.add('is-cause');
  }
  function placeMarks() {
    const marks = document.getElementById('marks');
    if (!marks) return;
    const all = rows();
    for (const mark of marks.content.querySelectorAll('[data-for]')) {
      const place = all[mark.dataset.for - 1]?.querySelector('.b-hits');
      place?.replaceChildren(...mark.cloneNode(true).childNodes);
    }
    marks.remove();
  }
  // A row and what is said under it belong together.
  function lastOf(row) {
    let last = row;
    while (last.nextElementSibling?.matches('.b-explain')) last = last.nextElementSibling;
    return last;
  }
  function groupOf(row) {
    const group = [row];
    while (group.at(-1).nextElementSibling?.matches('.b-explain')) group.push(group.at(-1).nextElementSibling);
    return group;
  }

  // What a cell is too narrow for is told in whole where it is pointed at.
  body.addEventListener('pointerover', ({target: cell}) => {
    if (cell.matches('.b-cell')) cell.title = cell.scrollWidth > cell.clientWidth ? cell.value : '';
  });

  // Rows -----------------------------------------------------------------------------------------------------------------

  function makeRow(texts = []) {
    const holder = pattern.content.cloneNode(true);
    const row = holder.querySelector('tr[data-row]');
    row.querySelector('input[type=radio]').tabIndex = -1;
    const cells = cellsOf(row).filter((cell) => cell.name !== 'key');
    texts.forEach((text, at) => { if (cells[at]) cells[at].value = text; });
    return row;
  }
  const textsOf = (row) => cellsOf(row).filter((cell) => cell.name !== 'key').map((cell) => cell.value);
  // Every row and control is called by its number: "Total, row 2". The pattern has a # where the number stands.
  function number() {
    const labels = cellsOf(pattern.content.querySelector('tr')).map((cell) => cell.getAttribute('aria-label'));
    rows().forEach((row, at) => {
      const count = String(at + 1);
      row.id = `r${count}`;
      row.querySelector('input[name=_row]').value = count;
      row.querySelector('.b-lineno').textContent = count;
      cellsOf(row).forEach((cell, place) => cell.setAttribute('aria-label', labels[place].replace('#', count)));
    });
    showChosen();
  }
  function changeRows(row, cell) {
    number();
    if (row) enter(cell || firstCell(row));
    look();
  }
  const firstCell = (row) => cellsOf(row).find((cell) => cell.name !== 'key');
  function addRow(place, texts) {
    const row = makeRow(texts);
    place(row);
    changeRows(row);
  }
  const acts = {
    end: () => addRow((row) => body.append(row)),
    above: (row) => addRow((added) => row.before(added)),
    below: (row) => addRow((added) => lastOf(row).after(added)),
    duplicate: (row) => addRow((added) => lastOf(row).after(added), textsOf(row)),
    up: (row, cell) => moveRow(row, -1, cell),
    down: (row, cell) => moveRow(row, 1, cell),
    delete: (row, cell) => deleteRow(row, cell),
  };
  function moveRow(row, by, cell) {
    const all = rows();
    const other = all[all.indexOf(row) + by];
    if (!other) return;
    if (by < 0) other.before(...groupOf(row));
    else lastOf(other).after(...groupOf(row));
    changeRows(row, cell);
    row.scrollIntoView({block: 'nearest'});
  }
  function deleteRow(row, cell) {
    const all = rows();
    const at = all.indexOf(row);
    const neighbour = all[at + 1] || all[at - 1];
    const place = cell ? columnOf(cell) : 0;
    for (const one of groupOf(row)) one.remove();
    deleted.unshift({row, at});
    document.getElementById('undelete').hidden = false;
    changeRows(neighbour, neighbour?.cells[place]?.querySelector('.b-cell'));
    document.getElementById('table-status').textContent = form.dataset.deleted.replace('#', String(at + 1));
  }
  function undelete() {
    const last = deleted.shift();
    if (!last) return;
    const next = rows()[last.at];
    if (next) next.before(last.row);
    else body.append(last.row);
    document.getElementById('undelete').hidden = !deleted.length;
    changeRows(last.row);
  }
  form.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    if (button.id === 'undelete') undelete();
    else if (button.dataset.meant) applyFix(button);
    else if (button.dataset.cells) {
      event.preventDefault();
      addRow((row) => body.append(row), JSON.parse(button.dataset.cells));
    } else if (button.name === '_do' && acts[button.value]) {
      event.preventDefault();
      const row = chosen();
      if (button.value === 'end' || row) acts[button.value](row, null);
      else enter(firstCell(rows()[0] || makeRow()));
    }
  });

  // What was probably meant takes the place of what stands there.
  function applyFix(button) {
    const told = button.closest('.b-explain');
    const row = rows()[told.dataset.for - 1];
    const cell = row?.querySelector(`td[data-column="${CSS.escape(told.dataset.columns.split(' ')[0])}"] .b-cell`);
    if (!cell || !cell.value.includes(button.dataset.found)) return;
    put(cell, cell.value.replace(button.dataset.found, () => button.dataset.meant));
    enter(cell);
  }
  function showFixes() {
    for (const button of form.querySelectorAll('[data-meant]')) button.hidden = false;
  }

  // Moving -------------------------------------------------------------------------------------------------------------------

  function enter(cell) {
    if (!cell) return;
    cell.focus();
    cell.select?.();
  }
  function nextCell(cell, by) {
    const all = rows().flatMap(cellsOf);
    return all[Math.max(0, all.indexOf(cell) + by)] || null;
  }
  function verticalCell(cell, by) {
    const all = rows();
    const row = all[all.indexOf(cell.closest('tr')) + by];
    return row?.cells[columnOf(cell)]?.querySelector('.b-cell');
  }
  const atStart = (cell) => cell.selectionStart === 0 && (cell.selectionEnd === 0 || cell.selectionEnd === cell.value.length);
  const atEnd = (cell) => cell.selectionEnd === cell.value.length && (cell.selectionStart === cell.value.length || cell.selectionStart === 0);
  // While something is typed into a cell with a list, up and down choose from the list.
  const choosesFromList = (cell) => cell.list && cell.value !== before;

  function put(cell, text) {
    cell.value = text;
    cell.dispatchEvent(new Event('input', {bubbles: true}));
    cell.dispatchEvent(new Event('change', {bubbles: true}));
  }
  const moves = {
    Enter: (cell, event) => nextCell(cell, event.shiftKey ? -1 : 1),
    ArrowDown: (cell) => (choosesFromList(cell) ? undefined : verticalCell(cell, 1)),
    ArrowUp: (cell) => (choosesFromList(cell) ? undefined : verticalCell(cell, -1)),
    ArrowRight: (cell) => (atEnd(cell) ? nextCell(cell, 1) : undefined),
    ArrowLeft: (cell) => (atStart(cell) ? nextCell(cell, -1) : undefined),
  };
  const rowKeys = {
    ArrowUp: (event) => (event.shiftKey ? 'duplicate' : 'up'),
    ArrowDown: (event) => (event.shiftKey ? 'duplicate' : 'down'),
    Enter: (event) => (event.shiftKey ? 'above' : 'below'),
    Delete: () => 'delete',
  };
  // After Escape, Tab leaves the rows at once, as it leaves the blueprint's text: to what stands below them, with Shift above.
  let leaves = false;
  body.addEventListener('focusin', () => { leaves = false; });
  function leave(back) {
    const order = window.blankett.stops(document, 'input:not([type=hidden]), select, button, a[href]');
    const inside = order.filter((one) => body.contains(one));
    const at = order.indexOf(back ? inside[0] : inside.at(-1));
    order[at + (back ? -1 : 1)]?.focus();
  }
  body.addEventListener('keydown', (event) => {
    const cell = event.target.closest('.b-cell');
    if (!cell || !event.key || event.isComposing) return;
    if (event.key === 'Tab' && leaves && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      leave(event.shiftKey);
      return;
    }
    if (event.key !== 'Shift') leaves = event.key === 'Escape';
    if (event.altKey && !event.ctrlKey && rowKeys[event.key]) {
      event.preventDefault();
      settle(cell);
      acts[rowKeys[event.key](event)](cell.closest('tr'), cell);
    } else if (event.key === 'Escape') {
      if (cell.value !== before) put(cell, before);
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey && moves[event.key]) {
      const next = moves[event.key](cell, event);
      if (next === undefined && event.key !== 'Enter') return;
      event.preventDefault();
      if (next) enter(next);
      else if (event.key === 'Enter') settle(cell);
    }
  });
  // A cell that stays focused tells that it was changed, as if it had been left.
  function settle(cell) {
    if (cell.value === before) return;
    before = cell.value;
    look();
  }
  body.addEventListener('focusin', (event) => {
    const row = event.target.closest('tr[data-row]');
    if (!row) return;
    if (event.target.matches('.b-cell')) before = event.target.value;
    row.querySelector('input[name=_row]').checked = true;
    showChosen();
  });
  body.addEventListener('change', (event) => {
    if (event.target.name === '_row') showChosen();
  });
  function showChosen() {
    document.getElementById('chosen-row').textContent = chosen()?.querySelector('.b-lineno').textContent || '–';
  }

  // Keys of the page, links to rows, leaving ------------------------------------------------------------------------------------

  function goTo(row) {
    if (row) enter(row.querySelector('.is-cause .b-cell') || firstCell(row));
  }
  function nextProblem(by) {
    const told = rows().filter((row) => row.nextElementSibling?.matches('.b-explain'));
    if (!told.length) return false;
    const here = told.indexOf(document.activeElement.closest?.('tr[data-row]'));
    goTo(told[(here < 0 ? (by > 0 ? 0 : told.length - 1) : here + by + told.length) % told.length]);
    return true;
  }
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key?.toLowerCase() === 's') {
      event.preventDefault();
      form.querySelector('[data-key-save]').click();
    } else if (event.key === 'F8' && nextProblem(event.shiftKey ? -1 : 1)) event.preventDefault();
  });
  form.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-problem]');
    if (!link) return;
    event.preventDefault();
    goTo(document.getElementById(link.hash.slice(1)));
  });
  form.addEventListener('submit', (event) => {
    if (!event.submitter?.hasAttribute('hx-post')) leaving = true;
  });
  addEventListener('pageshow', () => { leaving = false; });
  addEventListener('beforeunload', (event) => {
    if (isChanged && !leaving) event.preventDefault();
  });

  for (const radio of body.querySelectorAll('input[name=_row]')) radio.tabIndex = -1;
  showFixes();
  showChosen();
  if ('changed' in form.dataset && chosen()) enter(firstCell(chosen()));
})();
