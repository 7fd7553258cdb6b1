
// Everything is there without this: it adds the search, and opens what is folded for paper.
const input = document.getElementById('search');
const found = document.getElementById('found');
const entries = [...document.querySelectorAll('[data-entry]')].map(element => {
  const folds = [...element.querySelectorAll('details')].map(fold => ({fold, text: fold.textContent.toLowerCase()}));
  const text = element.textContent.toLowerCase();
  return {element, text, folds, unfolded: folds.reduce((rest, {text}) => rest.replace(text, ''), text)};
});
const folds = [...document.querySelectorAll('details')];
const groups = document.querySelectorAll('section, article:not([data-entry]), .timeline > li');
const openBefore = new Map();

function search() {
  const words = input.value.toLowerCase().split(/\s+/).filter(word => word);
  const searching = words.length > 0;
  const has = text => words.every(word => text.includes(word));
  let count = 0;
  folds.forEach(fold => { fold.open = false; });
  for (const {element, text, folds, unfolded} of entries) {
    element.hidden = !has(text);
    count += element.hidden ? 0 : 1;
    if (searching && !element.hidden) {
      element.parentElement.closest('details')?.setAttribute('open', '');
      folds.filter(({text}) => !has(unfolded) && words.some(word => text.includes(word))).forEach(({fold}) => { fold.open = true; });
    }
  }
  document.body.classList.toggle('searching', searching);
  groups.forEach(group => group.classList.toggle('empty', searching && !group.querySelector('[data-entry]:not([hidden])')));
  found.textContent = searching ? `${count} of ${entries.length}` : '';
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
