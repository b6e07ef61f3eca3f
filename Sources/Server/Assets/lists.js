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

// A choice in a row is saved as soon as it is made.
document.addEventListener("change", ({ target }) => {
  if (target.matches("select[data-saves]")) target.form?.requestSubmit();
});

// Picking rows: all at once, a range with Shift, and how many.
let last = null;
document.addEventListener("click", (event) => {
  const box = event.target;
  if (!box.matches?.(".picking .pick input")) return;
  const form = box.closest(".picking");
  const boxes = [...form.querySelectorAll("tbody .pick input")];
  if ("picks" in box.dataset) {
    for (const other of boxes) other.checked = box.checked;
  } else {
    if (event.shiftKey && last && boxes.includes(last)) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const other of boxes.slice(from, to + 1)) other.checked = box.checked;
    }
    last = box;
  }
  const picked = boxes.filter((other) => other.checked).length;
  const all = form.querySelector("[data-picks]");
  if (all) [all.checked, all.indeterminate] = [picked === boxes.length, picked > 0 && picked < boxes.length];
  const counter = form.querySelector("[data-picked]");
  if (counter) counter.textContent = `${new Intl.NumberFormat().format(picked)} picked`;
});
