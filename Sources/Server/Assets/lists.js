import { isOffline } from "./toasts.js";

// A list answers while somebody types: the form's answer is fetched and only the list in it is put in.
const waits = new WeakMap();
const asked = new WeakMap();

// A choice is a step that one can go back from; what is typed changes the step that one is at.
let shown = location.pathname + location.search;

const enter = (address, isStep) => {
  if (isStep && address.href !== location.href) {
    history.replaceState({ ...history.state, list: true }, "");
    history.pushState({ list: true }, "", address);
  } else {
    history.replaceState(history.state, "", address);
  }
  shown = location.pathname + location.search;
};

addEventListener("popstate", ({ state }) => {
  const wanted = location.pathname + location.search;
  // Asked for anew rather than reloaded: that would leave the choices as they were made last.
  if (state?.list && wanted !== shown) location.replace(wanted);
});

const renew = async (form, isStep = false) => {
  const address = new URL(form.action);
  for (const [name, value] of new FormData(form)) if (value) address.searchParams.append(name, value);
  asked.get(form)?.abort();
  const abort = new AbortController();
  asked.set(form, abort);
  try {
    const answer = await fetch(address, { signal: abort.signal, headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) return location.assign(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(form.dataset.renews);
    const stale = document.getElementById(form.dataset.renews);
    if (!fresh || !stale) return location.assign(address);
    stale.replaceWith(fresh);
    if (!form.closest("dialog")) enter(address, isStep);
    fresh.dispatchEvent(new CustomEvent("renewed", { bubbles: true }));
  } catch (fault) {
    if (fault.name !== "AbortError") location.assign(address);
  }
};

document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-renews]");
  if (!form) return;
  clearTimeout(waits.get(form));
  const isStep = target.matches("select");
  waits.set(form, setTimeout(() => renew(form, isStep), isStep ? 0 : 180));
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-renews]")) return;
  event.preventDefault();
  clearTimeout(waits.get(event.target));
  // Enter in the search for everything leads to the first that fits.
  renew(event.target).then(() => event.target.dataset.renews === "found" && document.querySelector("#found a")?.click());
});

// Arrows lead from a search into what it found, and back; Escape leaves it at once, with what was typed.
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.('form[data-renews="found"]');
  const dialog = form?.closest("dialog");
  if (event.key === "Escape" && dialog) {
    event.preventDefault();
    dialog.close();
  }
  if ((event.key !== "ArrowDown" && event.key !== "ArrowUp") || (!form && !event.target.closest?.("#found"))) return;
  const links = [...document.querySelectorAll("#found a")];
  const next = links.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
  event.preventDefault();
  if (next < 0) document.querySelector('form[data-renews="found"] [name="q"]')?.focus();
  else links[Math.min(next, links.length - 1)]?.focus();
});

// A role in a row is a word until somebody wants another: then the page's one choice of roles takes its place, in a form of that row.
const words = new WeakMap();

const swap = (word, isOpened) => {
  const form = document.getElementById("role-picker").content.firstElementChild.cloneNode(true);
  const select = form.elements.role;
  form.action = word.dataset.savesTo;
  form.elements.revision.value = word.dataset.revision;
  select.setAttribute("aria-label", word.dataset.role);
  let present = [...select.options].find((option) => option.value === word.textContent);
  if (!present) {
    present = new Option(word.textContent, "");
    present.disabled = true;
    select.prepend(present);
  }
  present.defaultSelected = present.selected = true;
  word.replaceWith(form);
  words.set(select, word);
  select.focus();
  if (isOpened) select.showPicker?.();
};

const unswap = (select, isFocused) => {
  const word = words.get(select);
  if (!word || !select.isConnected || select.form.dataset.sent) return;
  select.form.replaceWith(word);
  if (isFocused) word.focus();
};

document.addEventListener("click", (event) => {
  const word = event.target.closest("[data-saves-to]");
  if (!word || event.metaKey || event.ctrlKey || event.shiftKey || !document.getElementById("role-picker")) return;
  event.preventDefault();
  swap(word, event.detail > 0);
});

// A choice in a row is saved as soon as it is made: at once with the mouse; by keyboard, where every arrow is a choice, with Enter or on leaving, and Escape takes it
// back. The focus stays where it was.
const chosen = "select[data-saves]";
const address = (form) => new URL(form.action).pathname;
let key = null;

const mark = (select, before) => {
  if (before === undefined) delete select.dataset.unsaved;
  else select.dataset.unsaved = before;
  select.form.classList.toggle("unsaved", before !== undefined);
};

const save = (select, staysHere) => {
  // Offline it stays a choice that isn't saved yet.
  if (select.dataset.unsaved === undefined || isOffline(select)) return;
  mark(select);
  if (staysHere) sessionStorage.setItem("saved-in", address(select.form));
  select.form.requestSubmit();
};

document.addEventListener("pointerdown", () => (key = null), true);

document.addEventListener("keydown", (event) => {
  key = event.key;
  const select = event.target;
  if (!select.matches?.(chosen)) return;
  if (event.key === "Enter" && select.dataset.unsaved !== undefined) {
    event.preventDefault();
    save(select, true);
  } else if (event.key === "Escape") {
    if (select.dataset.unsaved !== undefined) select.value = select.dataset.unsaved;
    mark(select);
    unswap(select, true);
  }
}, true);

document.addEventListener("change", ({ target }) => {
  if (!target.matches(chosen)) return;
  const before = target.dataset.unsaved ?? [...target.options].find((option) => option.defaultSelected)?.value ?? "";
  mark(target, target.value === before ? undefined : before);
  if (key === null || key === "Enter" || key === " " || key === "Tab") save(target, true);
});

document.addEventListener("focusout", ({ target, relatedTarget }) => {
  if (!target.matches?.(chosen)) return;
  if (relatedTarget && target.dataset.unsaved !== undefined) save(target, false);
  else if (relatedTarget) unswap(target, false);
});

const last = sessionStorage.getItem("saved-in");
sessionStorage.removeItem("saved-in");
if (last) document.querySelector(`[data-saves-to="${CSS.escape(last)}"]`)?.focus();

// Picking rows: all at once, a range with Shift, and how many.
let lastPicked = null;

const tell = (picking) => {
  const boxes = [...picking.querySelectorAll("tbody .pick input")];
  const picked = boxes.filter((box) => box.checked).length;
  for (const box of boxes) box.closest("tr").classList.toggle("picked", box.checked);
  picking.classList.toggle("any", picked > 0);
  document.body.classList.toggle("has-picked", picked > 0);
  const all = picking.querySelector("[data-picks]");
  if (all) [all.checked, all.indeterminate] = [picked > 0 && picked === boxes.length, picked > 0 && picked < boxes.length];
  const counter = picking.querySelector("[data-picked]");
  if (counter) counter.textContent = `${new Intl.NumberFormat().format(picked)} picked`;
};

document.addEventListener("click", (event) => {
  const box = event.target;
  if (!box.matches?.(".picking .pick input")) return;
  const picking = box.closest(".picking");
  const boxes = [...picking.querySelectorAll("tbody .pick input")];
  if ("picks" in box.dataset) {
    for (const other of boxes) other.checked = box.checked;
  } else {
    if (event.shiftKey && lastPicked && boxes.includes(lastPicked)) {
      const [from, to] = [boxes.indexOf(lastPicked), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const other of boxes.slice(from, to + 1)) other.checked = box.checked;
    }
    lastPicked = box;
  }
  tell(picking);
});

// What the browser brings back with a page, or a list that was renewed, may have none picked or some.
const retell = () => {
  document.body.classList.remove("has-picked");
  for (const picking of document.querySelectorAll(".picking")) if (picking.querySelector("tbody .pick :checked")) tell(picking);
};
addEventListener("pageshow", retell);
document.addEventListener("renewed", retell);
