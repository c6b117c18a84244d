// The page of a blueprint's text: line numbers, Tab, links that select a line, suggestions, keys. The page works without it.
(() => {
  'use strict';

  const form = document.getElementById('studio');
  const text = document.getElementById('i-source');
  if (!form || !text) return;
  const lines = document.getElementById(text.dataset.lines);
  let saved = form.dataset.changed === undefined ? text.value : null;
  let leaving = false;

  // Line numbers beside the text; those with a problem are marked.
  const marks = new Map();
  function readMarks() {
    marks.clear();
    for (const link of document.querySelectorAll('#problems [data-problem]')) {
      const line = Number(link.dataset.line);
      if (marks.get(line) !== 'error') marks.set(line, link.dataset.problem);
    }
  }
  function drawLines() {
    const count = text.value.split('\n').length;
    while (lines.childElementCount > count) lines.lastElementChild.remove();
    const added = document.createDocumentFragment();
    for (let number = lines.childElementCount + 1; number <= count; number += 1) {
      const line = document.createElement('span');
      line.textContent = number;
      added.append(line);
    }
    lines.append(added);
    lines.scrollTop = text.scrollTop;
  }
  function drawMarks() {
    for (const line of lines.querySelectorAll('[class]')) line.removeAttribute('class');
    for (const [number, kind] of marks) {
      const line = lines.children[number - 1];
      if (line) line.className = kind === 'error' ? 'is-err' : 'is-warn';
    }
  }
  function drawAll() {
    readMarks();
    drawLines();
    drawMarks();
    for (const button of document.querySelectorAll('[data-fix]')) button.hidden = false;
  }
  text.addEventListener('scroll', () => { lines.scrollTop = text.scrollTop; });
  text.addEventListener('input', drawLines);

  // Places in the text.
  function startOf(line) {
    let start = 0;
    for (let number = 1; number < line; number += 1) {
      const end = text.value.indexOf('\n', start);
      if (end < 0) return text.value.length;
      start = end + 1;
    }
    return start;
  }
  function select(start, end) {
    text.focus({preventScroll: true});
    text.setSelectionRange(start, end);
    const line = text.value.slice(0, start).split('\n').length;
    const height = text.scrollHeight / text.value.split('\n').length;
    text.scrollTop = Math.max(0, (line - 1) * height - text.clientHeight / 3);
    text.scrollLeft = 0;
    text.scrollIntoView({block: 'nearest'});
  }
  function selectLine(line) {
    const start = startOf(line);
    const end = text.value.indexOf('\n', start);
    select(start, end < 0 ? text.value.length : end);
  }
  // Other pages lead to a line: /blueprints/orders#line-12.
  function followHash() {
    const line = location.hash.match(/^#line-(\d+)$/);
    if (line) selectLine(Number(line[1]));
  }
  addEventListener('hashchange', followHash);
  document.addEventListener('click', (event) => {
    const link = event.target.closest('[data-line]');
    if (!link) return;
    event.preventDefault();
    selectLine(Number(link.dataset.line));
  });

  // A suggestion replaces the word it is about, wherever edits have moved it on its way.
  function replace(start, end, by) {
    text.focus();
    text.setSelectionRange(start, end);
    // insertText keeps the browser's undo; setRangeText is for browsers without it.
    if (!document.execCommand('insertText', false, by)) text.setRangeText(by, start, end, 'end');
    text.dispatchEvent(new Event('input', {bubbles: true}));
  }
  function apply(button) {
    const found = button.dataset.found;
    const before = text.value.lastIndexOf(found, Number(button.dataset.start));
    const after = text.value.indexOf(found, Number(button.dataset.start));
    const near = [before, after].filter((place) => place >= 0)
      .sort((a, b) => Math.abs(a - button.dataset.start) - Math.abs(b - button.dataset.start))[0];
    if (near === undefined) return;
    replace(near, near + found.length, button.dataset.fix);
    select(near, near + button.dataset.fix.length);
    button.disabled = true;
    // What was mended is looked at again, so that its problem leaves the list.
    form.querySelector('[name="_do"][value="check"]')?.click();
  }
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-fix]');
    if (button) apply(button);
  });

  // Tab indents by two spaces; after Escape, Tab leaves the field as everywhere.
  let leaves = false;
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      leaves = true;
      return;
    }
    if (event.key === 'Tab' && !leaves && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      indent(event.shiftKey);
    } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey && !event.isComposing) {
      const start = text.value.lastIndexOf('\n', text.selectionStart - 1) + 1;
      const blanks = text.value.slice(start, text.selectionStart).match(/^ */)[0];
      if (!blanks) return;
      event.preventDefault();
      replace(text.selectionStart, text.selectionEnd, `\n${blanks}`);
    }
    if (event.key !== 'Shift') leaves = false;
  });
  text.addEventListener('blur', () => { leaves = false; });
  function indent(back) {
    const {selectionStart: from, selectionEnd: to} = text;
    if (from === to && !back) {
      replace(from, to, '  ');
      return;
    }
    const start = text.value.lastIndexOf('\n', from - 1) + 1;
    const block = text.value.slice(start, to);
    const moved = block.split('\n').map((line) => (back ? line.replace(/^ {1,2}/, '') : `  ${line}`)).join('\n');
    if (moved === block) return;
    replace(start, to, moved);
    if (from !== to) text.setSelectionRange(start, start + moved.length);
  }

  // A file from the person's machine goes into the text.
  const file = document.querySelector('[data-into="i-source"]');
  if (file) {
    file.closest('[data-file-field]').hidden = false;
    file.addEventListener('change', async () => {
      if (!file.files.length) return;
      text.value = await file.files[0].text();
      text.dispatchEvent(new Event('input', {bubbles: true}));
    });
  }

  // Keys of the page.
  let problem = -1;
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
      event.preventDefault();
      form.querySelector('[data-key-save]')?.click();
    } else if (event.key === 'F8') {
      const links = [...document.querySelectorAll('#problems [data-problem]')];
      if (!links.length) return;
      event.preventDefault();
      problem = (problem + (event.shiftKey ? links.length - 1 : 1)) % links.length;
      links[problem].click();
    } else if (event.altKey && event.key === 'Enter') {
      const link = [...document.querySelectorAll('#problems [data-problem]')][Math.max(0, problem)];
      const button = link?.closest('li').querySelector('[data-fix]:not(:disabled)');
      if (!button) return;
      event.preventDefault();
      apply(button);
    }
  });

  // What was typed is not left behind unasked.
  addEventListener('beforeunload', (event) => {
    if (!leaving && text.value !== saved) event.preventDefault();
  });
  form.addEventListener('submit', (event) => {
    // htmx answers the check in place: the page stays.
    if (!event.submitter?.hasAttribute('hx-post')) leaving = true;
  });
  addEventListener('pageshow', () => { leaving = false; });
  document.addEventListener('htmx:after:swap', () => {
    problem = -1;
    drawAll();
  });

  drawAll();
  followHash();
})();
