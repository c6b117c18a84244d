// Days: a calendar beside the text, and readings to choose from where a text has several. Without it, days are typed.
//
// A day is a text in the person's order (html[data-days]: "dmy/"); what it was read as stands in the hidden `_echo` beside it.
(() => {
  'use strict';

  const root = document.documentElement;
  root.classList.add('has-script');
  const order = root.dataset.days || 'ymd-';
  const between = order.slice(3) || '-';
  const pattern = document.getElementById('calendar');
  let owner = null; // the input the calendar belongs to
  let shown = null; // the calendar
  let day = null; // the day that has the focus

  // Days are UTC midnights here, so that no clock change moves one.
  const fromIso = (text) => (/^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : null);
  const iso = (date) => date.toISOString().slice(0, 10);
  const plus = (date, days) => new Date(date.getTime() + days * 864e5);
  const inWords = (date, options) => new Intl.DateTimeFormat(root.lang, {timeZone: 'UTC', ...options}).format(date);
  const today = () => fromIso(root.dataset.today) || fromIso(new Date().toISOString().slice(0, 10));

  function written(date) {
    const parts = {d: String(date.getUTCDate()).padStart(2, '0'), m: String(date.getUTCMonth() + 1).padStart(2, '0'), y: String(date.getUTCFullYear())};
    return [...order.slice(0, 3)].map((letter) => parts[letter]).join(between);
  }
  // A box for a day with a time: the calendar gives the day, the time stays or is typed behind it.
  const holdsTime = (input) => input.dataset.day === 'time';
  const timeIn = (input) => input.value.match(/(?:^|[\s,T])(\d{1,2}(?::\d\d)+(?:\s?[ap]\.?m\.?)?)\s*$/i)?.[1] || '';
  function readOf(input) {
    if (holdsTime(input) && fromIso(input.value.slice(0, 10))) return fromIso(input.value.slice(0, 10));
    const holder = input.closest('td, .b-field');
    for (const held of holder?.querySelectorAll('input[name=_echo]') || []) {
      const [name, , rest] = held.value.match(/^([^=]*)(=)(.*)$/)?.slice(1) || [];
      if (name === input.name && rest.endsWith(`|${input.value}`) && !holdsTime(input)) return fromIso(rest.slice(0, 10));
    }
    if (fromIso(input.value)) return fromIso(input.value);
    const figures = input.value.split(/\D+/).filter(Boolean).slice(0, holdsTime(input) ? 3 : 4);
    if (figures.length !== 3) return null;
    const at = (letter) => figures[order.indexOf(letter)];
    return fromIso(`${at('y').padStart(4, '20')}-${at('m').padStart(2, '0')}-${at('d').padStart(2, '0')}`);
  }

  // The calendar ----------------------------------------------------------------------------------------------------

  function open(input) {
    close();
    if (!pattern) return;
    owner = input;
    shown = pattern.content.firstElementChild.cloneNode(true);
    (input.closest('dialog') || document.body).append(shown);
    const monday = fromIso('2024-01-01');
    for (let number = 0; number < 7; number += 1) {
      const head = document.createElement('th');
      head.scope = 'col';
      head.textContent = inWords(plus(monday, number), {weekday: 'short'}).slice(0, 3);
      shown.querySelector('thead tr').append(head);
    }
    day = readOf(input) || today();
    draw();
    place();
    shown.querySelector('[tabindex="0"]')?.focus();
  }
  function close(back = false) {
    if (!shown) return;
    const [input, calendar] = [owner, shown];
    owner = shown = null; // before it goes: its going takes the focus out of it
    calendar.remove();
    if (back) input.focus();
  }
  function place() {
    const box = owner.getBoundingClientRect();
    const below = innerHeight - box.bottom;
    shown.style.left = `${Math.max(8, Math.min(box.left, innerWidth - shown.offsetWidth - 8))}px`;
    const isBelow = below > shown.offsetHeight + 8 || below > box.top;
    shown.style.top = `${Math.max(8, isBelow ? Math.min(box.bottom + 2, innerHeight - shown.offsetHeight - 8) : box.top - shown.offsetHeight - 2)}px`;
  }
  function draw() {
    const name = inWords(day, {month: 'long', year: 'numeric'});
    shown.setAttribute('aria-label', name);
    shown.querySelector('strong').textContent = name;
    const first = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1));
    let each = plus(first, -((first.getUTCDay() + 6) % 7));
    const [chosen, now] = [readOf(owner), today()];
    const body = shown.querySelector('tbody');
    body.replaceChildren();
    while (each <= first || each.getUTCMonth() === day.getUTCMonth()) {
      const row = body.insertRow();
      for (let number = 0; number < 7; number += 1, each = plus(each, 1)) {
        const cell = row.insertCell();
        cell.setAttribute('role', 'gridcell');
        if (iso(each) === iso(now)) cell.className = 'is-today';
        else if (each.getUTCMonth() !== day.getUTCMonth()) cell.className = 'is-other';
        if (chosen && iso(each) === iso(chosen)) cell.setAttribute('aria-selected', 'true');
        const button = document.createElement('button');
        button.type = 'button';
        button.dataset.iso = iso(each);
        button.tabIndex = iso(each) === iso(day) ? 0 : -1;
        button.textContent = String(each.getUTCDate());
        button.setAttribute('aria-label', inWords(each, {weekday: 'long', day: 'numeric', month: 'long', year: 'numeric'}));
        cell.append(button);
      }
    }
  }
  function go(to) {
    if (to.getUTCFullYear() < 1900 || to.getUTCFullYear() > 2199) return;
    day = to;
    draw();
    shown.querySelector('[tabindex="0"]').focus();
  }
  function month(by) {
    const to = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + by, 1));
    const last = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate();
    return plus(to, Math.min(day.getUTCDate(), last) - 1);
  }
  function take(text) {
    const input = owner;
    close(true);
    put(input, holdsTime(input) && text ? `${text} ${timeIn(input)}` : text);
    input.setSelectionRange(input.value.length, input.value.length);
  }
  function put(input, text) {
    input.value = text;
    input.dispatchEvent(new Event('input', {bubbles: true}));
    input.dispatchEvent(new Event('change', {bubbles: true}));
  }

  const steps = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7};
  document.addEventListener('keydown', (event) => {
    if (shown?.contains(event.target)) {
      if (event.key === 'Escape') close(true);
      else if (steps[event.key] && event.target.dataset.iso) go(plus(day, steps[event.key]));
      else if (event.key === 'PageUp' || event.key === 'PageDown') go(month(event.key === 'PageUp' ? -1 : 1));
      else if (event.key === 'Home' || event.key === 'End') go(plus(day, event.key === 'Home' ? -((day.getUTCDay() + 6) % 7) : 6 - ((day.getUTCDay() + 6) % 7)));
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (event.target.matches?.('input[data-day]') && (event.key === 'F4' || (event.key === 'ArrowDown' && event.altKey && !event.target.closest('.b-grid')))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      open(event.target);
    }
  }, true);
  document.addEventListener('click', (event) => {
    const opener = event.target.closest?.('[data-calendar]');
    if (opener) {
      const input = opener.parentElement.querySelector('input[data-day]');
      if (owner === input) close(true);
      else open(input);
      return;
    }
    if (!shown) return;
    if (!shown.contains(event.target)) return void close();
    const pressed = event.target.closest('button');
    if (!pressed) return;
    if (pressed.dataset.iso) take(written(fromIso(pressed.dataset.iso)));
    else if (pressed.dataset.month) go(month(Number(pressed.dataset.month)));
    else if (pressed.dataset.take !== undefined) take(pressed.dataset.take ? written(today()) : '');
  });
  document.addEventListener('focusout', (event) => {
    if (shown?.contains(event.target) && event.relatedTarget && !shown.contains(event.relatedTarget)) close();
  });
  for (const moved of ['scroll', 'resize']) addEventListener(moved, () => { if (shown) place(); }, true);

  // Readings --------------------------------------------------------------------------------------------------------

  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('button[name=_read]');
    if (!button) return;
    event.preventDefault();
    const at = button.value.indexOf('=');
    const input = document.getElementById(`f-${button.value.slice(0, at)}`);
    if (!input) return;
    input.focus();
    put(input, button.value.slice(at + 1));
  });
})();
