// A form is sent once: while it is on its way its button says so and others of it wait.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.closest("[data-frozen]")) return event.preventDefault();
  if (form.dataset.sent) return event.preventDefault();
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
