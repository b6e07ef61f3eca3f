// Menus and the switcher are `details`: one is open at a time, and they close as people expect.
const menus = "details.menu, details.switcher";

// Closes the other menus and goes to this one's search, where it has one.
export const enter = (menu) => {
  for (const other of document.querySelectorAll("details[open]")) if (other !== menu && other.matches(menus)) other.open = false;
  const search = menu.querySelector("[data-finds]");
  if (!menu.contains(document.activeElement) || document.activeElement.matches("summary")) search?.focus();
};

document.addEventListener("toggle", ({ target }) => {
  if (target.matches?.(menus) && target.open) enter(target);
}, true);

document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details[open]")) if (menu.matches(menus) && !menu.contains(target)) menu.open = false;
});

document.addEventListener("focusout", ({ target, relatedTarget }) => {
  const menu = target.closest?.(menus);
  if (menu?.open && relatedTarget && !menu.contains(relatedTarget)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(menus);
  if (!menu) return;
  if (event.key === "Escape" && menu.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (event.target.matches("summary")) menu.open = true;
    const items = [...menu.querySelectorAll(".panel :is(a, button, input)")].filter((item) => item.checkVisibility());
    const step = event.key === "ArrowDown" ? 1 : -1;
    const place = items.indexOf(event.target);
    // Down from what was typed leads to the first that fits.
    const found = step > 0 && event.target.dataset.finds && event.target.value && document.getElementById(event.target.dataset.finds)?.querySelector("li:not([hidden]) a");
    if (found) found.focus();
    else items[place < 0 ? (step > 0 ? 0 : items.length - 1) : (place + step + items.length) % items.length]?.focus();
    event.preventDefault();
  }
});

// The switcher's search: hides what doesn't match, and asks the server where it knows more; Enter goes to the first that fits.
let asking = null;
let first = null;

const sayNothing = (list) => {
  const nothing = document.querySelector(`[data-nothing="${CSS.escape(list.id)}"]`);
  if (nothing) nothing.hidden = [...list.children].some((item) => !item.hidden);
};

const ask = async (address, list, signal) => {
  await new Promise((go) => setTimeout(go, 150));
  if (signal.aborted) return;
  try {
    const answer = await fetch(address, { signal, headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById(list.id);
    if (!found || signal.aborted) return;
    list.replaceChildren(...found.children);
    sayNothing(list);
  } catch (fault) {
    // Offline, what is there stays to choose from.
  }
};

document.addEventListener("input", ({ target }) => {
  const list = target.dataset.finds && document.getElementById(target.dataset.finds);
  if (!list) return;
  const wanted = target.value.trim();
  if (target.dataset.asks) {
    first ??= [...list.children];
    asking?.abort();
    asking = new AbortController();
    list.replaceChildren(...first);
    if (wanted) {
      const address = new URL(target.dataset.asks, location.href);
      address.searchParams.set("q", wanted);
      ask(address, list, asking.signal);
    }
  }
  for (const item of list.children) item.hidden = !item.textContent.toLocaleLowerCase().includes(wanted.toLocaleLowerCase());
  sayNothing(list);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.dataset?.finds) return;
  event.preventDefault();
  document.getElementById(event.target.dataset.finds)?.querySelector("li:not([hidden]) a")?.click();
});
