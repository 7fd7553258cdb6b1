
// Everything is there without this: it adds the search, and opens what is folded for paper.
const input = document.getElementById('search');
const found = document.getElementById('found');
const entries = [...document.querySelectorAll('[data-entry]')].map(element => ({element, text: element.textContent.toLowerCase()}));
const folds = [...document.querySelectorAll('details')];
const openBefore = new Map();

function search() {
  const words = input.value.toLowerCase().split(/\s+/).filter(word => word);
  let count = 0;
  for (const {element, text} of entries) {
    element.hidden = !words.every(word => text.includes(word));
    count += element.hidden ? 0 : 1;
  }
  document.body.classList.toggle('searching', words.length > 0);
  for (const fold of folds) {
    fold.open = words.length > 0 && words.some(word => fold.textContent.toLowerCase().includes(word)) && fold.querySelector('[data-entry]:not([hidden])') !== null
      || words.length > 0 && fold.closest('[data-entry]:not([hidden])') !== null && words.every(word => fold.textContent.toLowerCase().includes(word));
  }
  for (const group of document.querySelectorAll('section, article:not([data-entry]), .timeline > li')) {
    group.classList.toggle('empty', words.length > 0 && !group.querySelector('[data-entry]:not([hidden])'));
  }
  found.textContent = words.length > 0 ? `${count} of ${entries.length}` : '';
  mark(words);
}

function mark(words) {
  if (!window.CSS || !CSS.highlights) {
    return;
  }
  CSS.highlights.clear();
  const ranges = [];
  for (const {element} of words.length > 0 ? entries.filter(entry => !entry.element.hidden) : []) {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode.textContent.toLowerCase();
      for (const word of words) {
        for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
          const range = new Range();
          range.setStart(texts.currentNode, at);
          range.setEnd(texts.currentNode, at + word.length);
          ranges.push(range);
        }
      }
    }
  }
  CSS.highlights.set('search', new Highlight(...ranges));
}

input.parentElement.hidden = false;
input.addEventListener('input', search);
document.addEventListener('keydown', event => {
  if (event.key === '/' && document.activeElement !== input) {
    event.preventDefault();
    input.focus();
  } else if (event.key === 'Escape' && document.activeElement === input) {
    input.value = '';
    search();
  }
});
window.addEventListener('beforeprint', () => folds.forEach(fold => { openBefore.set(fold, fold.open); fold.open = true; }));
window.addEventListener('afterprint', () => folds.forEach(fold => { fold.open = openBefore.get(fold); }));
