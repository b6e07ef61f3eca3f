// A note about what went well leaves by itself, unless somebody is reading it; others stay until they are closed.
const leave = (toast) => {
  toast.classList.add("leaving");
  setTimeout(() => toast.remove(), 200);
};

for (const toast of document.querySelectorAll("#toasts [data-toast].good")) {
  const wait = () => setTimeout(() => (toast.matches(":hover, :focus-within") ? wait() : leave(toast)), toast.querySelector("form") ? 20000 : 8000);
  wait();
}

document.addEventListener("click", ({ target }) => {
  const toast = target.closest("[data-closes]")?.closest("[data-toast]");
  if (toast) leave(toast);
});
