import { enter } from "./menus.js";

// `data-key` names the key that presses or focuses an element, wherever nobody is typing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input")) {
    target.focus();
    target.select();
  } else if (target.matches("summary")) {
    target.focus();
    target.click();
    // At once, not with the event of the opened menu, which comes later: the next key may already belong to the search.
    if (target.parentElement.open) enter(target.parentElement);
  } else {
    target.click();
  }
});
