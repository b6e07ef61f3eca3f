import { enter } from "./menus.js";

// `data-key` names the key that presses or focuses an element, wherever nobody is typing.
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.defaultPrevented || event.target.closest("dialog")) return;
  // With Control or Command, from wherever one is.
  const isCommand = event.ctrlKey || event.metaKey;
  if (!isCommand && event.target.closest("input, textarea, select, [contenteditable]")) return;
  const named = document.querySelectorAll(`:not(dialog *)[data-${isCommand ? "command" : "key"}="${CSS.escape(event.key)}"]`);
  // What the page itself has goes before what every page has.
  const target = [...named].find((element) => element.closest("main")) ?? named[0];
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
