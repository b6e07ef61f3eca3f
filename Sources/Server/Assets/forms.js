import { isOffline } from "./toasts.js";

// What was typed outlives a sign-in that came between: it is remembered when it is sent, and filled in again if the page comes back without having taken it.
// The revision is among it, so that what somebody else changed meanwhile isn't overwritten.
const kept = "sent-form";
const isKept = (field) =>
  field.matches("input, textarea, select") && field.name && !field.disabled && !field.closest(".reveal")
  && (field.name === "revision" || !["password", "hidden", "file", "submit"].includes(field.type));

const values = (field) => {
  if (field.type === "checkbox" || field.type === "radio") return field.checked ? [field.value] : [];
  return field.matches("select") ? [...field.selectedOptions].map((option) => option.value) : [field.value];
};

const remember = (form, page) => {
  // On the way back through the sign-in nothing takes the place of what is waited with.
  if (page.startsWith("/sign-")) return;
  sessionStorage.removeItem(kept);
  const fields = [...form.elements].filter(isKept);
  if (!fields.some((field) => field.type !== "hidden")) return;
  const memory = { page, action: form.getAttribute("action"), fields: fields.flatMap((field) => values(field).map((value) => [field.name, value])) };
  try {
    sessionStorage.setItem(kept, JSON.stringify(memory));
  } catch {
    // More than fits isn't remembered.
  }
};

const fill = (form, entries) => {
  for (const field of [...form.elements].filter(isKept)) {
    const own = entries.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "checkbox" || field.type === "radio") field.checked = own.includes(field.value);
    else if (field.matches("select")) for (const option of field.options) option.selected = own.includes(option.value);
    else if (own.length) field.value = own[0];
  }
};

const recall = () => {
  const memory = JSON.parse(sessionStorage.getItem(kept) ?? "null");
  if (!memory) return;
  if (location.pathname.startsWith("/sign-in")) return sessionStorage.setItem(kept, JSON.stringify({ ...memory, isBack: true }));
  sessionStorage.removeItem(kept);
  if (memory.page !== location.pathname || (!memory.isBack && !document.querySelector(".toast.attention"))) return;
  const form = [...document.forms].find((one) => one.method === "post" && one.getAttribute("action") === memory.action);
  if (form) fill(form, memory.fields);
};
recall();

// A form that was sent without leaving its page was answered by another; the event says where the form has a page of its own.
document.addEventListener("left", ({ target, detail }) => remember(target, detail));

// A form is sent once: while it is on its way its button says so and others of it wait.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.closest("[data-frozen]")) return event.preventDefault();
  if (form.dataset.sent) return event.preventDefault();
  if (isOffline(form)) return event.preventDefault();
  remember(form, location.pathname);
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
  if ("downloads" in form.dataset) {
    event.preventDefault();
    download(form, event.submitter);
  }
});

// A form that is answered with a file leaves the page where it is: so that its button is busy for as long as the file is made, and no longer.
const download = async (form, button) => {
  try {
    const answer = await fetch(form.action, { method: "post", body: new URLSearchParams(new FormData(form)), headers: { accept: "text/html" } });
    const name = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("content-disposition") ?? "");
    if (answer.redirected) return location.assign(answer.url);
    if (name) {
      const file = URL.createObjectURL(await answer.blob());
      Object.assign(document.createElement("a"), { href: file, download: decodeURIComponent(name[1]) }).click();
      setTimeout(() => URL.revokeObjectURL(file), 60000);
    } else {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.querySelector("main").replaceChildren(...page.querySelector("main").children);
      document.querySelector("main [aria-invalid=true]")?.focus();
    }
  } catch {
    location.reload();
  } finally {
    delete form.dataset.sent;
    button?.removeAttribute("aria-busy");
  }
};

// What takes the server a while to look through.
document.addEventListener("click", (event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.target.closest("a[data-slow]")?.setAttribute("aria-busy", "true");
});

addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll(":is(a, button)[aria-busy]")) button.removeAttribute("aria-busy");
});

// A page that a form was answered with stays in the history as a page that is asked for: neither going back to it nor reloading it sends the form again.
history.replaceState(history.state, "", location.href);

// The first field with a fault gets the focus.
document.querySelector("main:not(:has([data-frozen])) [aria-invalid=true]")?.focus();

// Passwords are shown on demand.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-reveal]");
  const field = button && document.getElementById(button.dataset.reveal);
  if (!field) return;
  const isShown = field.type === "text";
  field.type = isShown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!isShown));
  button.textContent = isShown ? "Show" : "Hide";
  button.setAttribute("aria-label", button.getAttribute("aria-label").replace(/^\w+/, button.textContent));
  field.focus();
});

// Characters left.
const numbers = new Intl.NumberFormat();
const count = (field) => {
  const counter = field.dataset.limit && document.querySelector(`[data-counts="${CSS.escape(field.id)}"]`);
  if (!counter) return;
  const left = Number(field.dataset.limit) - [...new Intl.Segmenter().segment(field.value)].length;
  counter.textContent = left < 0 ? `${numbers.format(-left)} too many` : `${numbers.format(left)} left`;
  counter.classList.toggle("over", left < 0);
};

// What ends something waits until its name was typed.
const confirm = (field) => {
  for (const button of field.form.querySelectorAll("button[type=submit], button:not([type])")) button.disabled = field.value.trim() !== field.dataset.expects;
};

for (const field of document.querySelectorAll("[data-limit]")) count(field);
for (const field of document.querySelectorAll("[data-expects]")) confirm(field);
document.addEventListener("input", ({ target }) => {
  if (target.dataset.limit) count(target);
  if (target.dataset.expects) confirm(target);
});
