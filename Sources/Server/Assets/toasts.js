// A note about what went well leaves by itself, unless somebody is reading it; others stay until they are closed.
const leave = (toast) => {
  toast.classList.add("leaving");
  setTimeout(() => toast.remove(), 200);
};

for (const toast of document.querySelectorAll("#toasts [data-toast].good")) {
  const wait = () => setTimeout(() => (toast.matches(":hover, :focus-within") ? wait() : leave(toast)), toast.querySelector("form") ? 20000 : 8000);
  wait();
}

const icon = (path) => `
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">
    <path d="${path}"/>
  </svg>`;

addEventListener("online", () => document.querySelector("[data-offline]")?.remove());

// Says so where the network is gone, once, and answers whether it is: what was typed stays, instead of the browser's own page.
export const isOffline = (form) => {
  document.querySelector("[data-offline]")?.remove();
  if (navigator.onLine) return false;
  const toast = document.createElement("div");
  toast.className = "toast attention";
  toast.setAttribute("role", "alert");
  toast.dataset.toast = toast.dataset.offline = "";
  toast.innerHTML = `
    ${icon("M8 2.5 14.5 13.5h-13ZM8 6.5v3.25M8 11.6v.01")}
    <p>You are offline, so nothing was sent. Try again when you are connected.</p>
    <button type="button" class="icon-button" aria-label="Close this note" data-closes>${icon("M4 4l8 8M12 4l-8 8")}</button>`;
  // What stands behind an open dialog is neither seen nor heard.
  const place = form.closest("dialog[open]")?.querySelector(".dialog-body") ?? document.getElementById("toasts") ?? document.body;
  place.prepend(toast);
  return true;
};

document.addEventListener("click", ({ target }) => {
  const toast = target.closest("[data-closes]")?.closest("[data-toast]");
  if (toast) leave(toast);
});
