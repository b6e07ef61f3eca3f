// A list answers while somebody types: the form's answer is fetched and only the list in it is put in.
const waits = new WeakMap();
const asked = new WeakMap();

const renew = async (form) => {
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
    history.replaceState(null, "", address);
    fresh.dispatchEvent(new CustomEvent("renewed", { bubbles: true }));
  } catch (fault) {
    if (fault.name !== "AbortError") location.assign(address);
  }
};

document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-renews]");
  if (!form) return;
  clearTimeout(waits.get(form));
  waits.set(form, setTimeout(() => renew(form), target.matches("select") ? 0 : 180));
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-renews]")) return;
  event.preventDefault();
  clearTimeout(waits.get(event.target));
  renew(event.target);
});

// A choice in a row is saved as soon as it is made: at once with the mouse; by keyboard, where every arrow is a choice, with Enter or on leaving, and Escape takes it
// back. The focus stays where it was.
const chosen = "select[data-saves]";
const address = (form) => new URL(form.action).pathname;
let key = null;

const save = (select, staysHere) => {
  if (select.dataset.unsaved === undefined) return;
  delete select.dataset.unsaved;
  if (staysHere) sessionStorage.setItem("saved-in", address(select.form));
  select.form.requestSubmit();
};

document.addEventListener("pointerdown", () => (key = null), true);

document.addEventListener("keydown", (event) => {
  key = event.key;
  if (!event.target.matches?.(`${chosen}[data-unsaved]`)) return;
  if (event.key === "Enter") {
    event.preventDefault();
    save(event.target, true);
  } else if (event.key === "Escape") {
    event.target.value = event.target.dataset.unsaved;
    delete event.target.dataset.unsaved;
  }
}, true);

document.addEventListener("change", ({ target }) => {
  if (!target.matches(chosen)) return;
  target.dataset.unsaved ??= [...target.options].find((option) => option.defaultSelected)?.value ?? "";
  if (target.value === target.dataset.unsaved) delete target.dataset.unsaved;
  else if (key === null || key === "Enter" || key === " " || key === "Tab") save(target, true);
});

document.addEventListener("focusout", ({ target, relatedTarget }) => {
  if (relatedTarget && target.matches?.(chosen)) save(target, false);
});

const last = sessionStorage.getItem("saved-in");
sessionStorage.removeItem("saved-in");
if (last) [...document.querySelectorAll(chosen)].find((select) => address(select.form) === last)?.focus();

// Picking rows: all at once, a range with Shift, and how many.
let lastPicked = null;
document.addEventListener("click", (event) => {
  const box = event.target;
  if (!box.matches?.(".picking .pick input")) return;
  const form = box.closest(".picking");
  const boxes = [...form.querySelectorAll("tbody .pick input")];
  if ("picks" in box.dataset) {
    for (const other of boxes) other.checked = box.checked;
  } else {
    if (event.shiftKey && lastPicked && boxes.includes(lastPicked)) {
      const [from, to] = [boxes.indexOf(lastPicked), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const other of boxes.slice(from, to + 1)) other.checked = box.checked;
    }
    lastPicked = box;
  }
  const picked = boxes.filter((other) => other.checked).length;
  const all = form.querySelector("[data-picks]");
  if (all) [all.checked, all.indeterminate] = [picked === boxes.length, picked > 0 && picked < boxes.length];
  const counter = form.querySelector("[data-picked]");
  if (counter) counter.textContent = `${new Intl.NumberFormat().format(picked)} picked`;
});
