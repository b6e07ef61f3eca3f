import { isOffline } from "./toasts.js";

// A link with `data-dialog-page` opens the page it leads to in a dialog over this one; the page's own form is sent from there, and what it is answered with takes
// its place. What was typed stays for as long as this page is open.
const dialogs = new Map();

const make = () => {
  const made = document.createElement("dialog");
  made.className = "dialog wide";
  made.setAttribute("aria-labelledby", `page-dialog-${dialogs.size}`);
  made.innerHTML = `
    <header>
      <h2 id="page-dialog-${dialogs.size}" tabindex="-1"></h2>
      <form method="dialog"><button class="icon-button" aria-label="Close" title="Close"></button></form>
    </header>
    <div class="dialog-body"></div>`;
  const cross = document.querySelector("#keys header .icon");
  if (cross) made.querySelector(".icon-button").append(cross.cloneNode(true));
  // What was sent changes the page below.
  made.addEventListener("close", () => made.dataset.done && location.reload());
  return document.body.appendChild(made);
};

// Puts a page's content in: its heading as the title, what stands beside the heading at the end.
const show = (dialog, html) => {
  const page = new DOMParser().parseFromString(html, "text/html").querySelector("main");
  const heading = page?.querySelector("h1");
  if (!heading) return false;
  const title = dialog.querySelector("h2");
  title.replaceChildren(...heading.childNodes);
  const actions = page.querySelector(".page-header .buttons");
  for (const part of page.querySelectorAll(".breadcrumb, .page-header")) part.remove();
  const body = dialog.querySelector(".dialog-body");
  body.replaceChildren(...page.children);
  if (actions) body.append(actions);
  body.dispatchEvent(new CustomEvent("renewed", { bubbles: true }));
  if (!dialog.open) dialog.showModal();
  const field = body.querySelector("[aria-invalid=true]") ?? (dialog.dataset.done ? null : body.querySelector("textarea, input:not([type=hidden]), select"));
  (field ?? title).focus();
  return true;
};

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-dialog-page]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (new URL(link.href).pathname === location.pathname) return;
  event.preventDefault();
  // Where the dialog gives the focus back to, even if a key opened it.
  if (document.activeElement === document.body) link.focus();
  const known = dialogs.get(link.href);
  if (known) {
    known.showModal();
    return known.querySelector("[type=search]")?.select();
  }
  const dialog = make();
  dialogs.set(link.href, dialog);
  dialog.querySelector("h2").textContent = link.dataset.dialogPage;
  dialog.querySelector(".dialog-body").setAttribute("aria-busy", "true");
  // At once, so that no key that follows is taken for one of the page's.
  dialog.showModal();
  try {
    const answer = await fetch(link.href, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected || !show(dialog, await answer.text())) location.assign(link.href);
  } catch {
    location.assign(link.href);
  } finally {
    dialog.querySelector(".dialog-body").removeAttribute("aria-busy");
  }
});

const say = (form, text) => {
  form.querySelector(":scope > .faults")?.remove();
  const fault = document.createElement("div");
  fault.className = "faults";
  fault.setAttribute("role", "alert");
  fault.append(Object.assign(document.createElement("p"), { textContent: text }));
  form.prepend(fault);
};

const renew = (form, html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const token = page.querySelector("main form [name=csrf]");
  const note = page.querySelector(".toast.attention p");
  if (!token || !note) return false;
  form.elements.csrf.value = token.value;
  say(form, note.textContent.trim());
  return true;
};

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const dialog = [...dialogs.values()].find((one) => one.contains(form));
  if (!dialog || !form.matches(".form")) return;
  event.preventDefault();
  if (form.dataset.sent || isOffline(form)) return;
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams(new FormData(form, event.submitter));
    // It comes from the form's own page, as far as the server is to know: to that one a sign-in leads back.
    const answer = await fetch(form.action, { method: "post", body, referrer: form.action, headers: { accept: "text/html" } });
    // The form with what is wrong, or what came of it; anything else, such as the sign-in, is a page of its own.
    const [place, own] = [new URL(answer.url), new URL(form.action)];
    if (place.pathname !== own.pathname) {
      form.dispatchEvent(new CustomEvent("left", { bubbles: true, detail: own.pathname }));
      return location.assign(place);
    }
    const html = await answer.text();
    // Somebody signed in anew since: the same form, with what was typed, but theirs.
    if (answer.redirected && !place.searchParams.has("sent") && renew(form, html)) return;
    if (answer.ok) dialog.dataset.done = "yes";
    if (!show(dialog, html)) say(form, "The answer can't be read. Look at the list before you send this again.");
  } catch {
    say(form, "Nothing came back: the network is gone, or the server. What you typed is still here; look at the list, then send it again.");
  } finally {
    delete form.dataset.sent;
    event.submitter?.removeAttribute("aria-busy");
  }
});

// The way out of the page is the way out of the dialog.
document.addEventListener("click", (event) => {
  const dialog = event.target.closest("[data-cancels]")?.closest("dialog");
  if (!dialog) return;
  event.preventDefault();
  dialog.close();
});
