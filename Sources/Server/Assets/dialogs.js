// A link with `data-dialog` opens that dialog instead of the page that says the same. The browser gives the focus back when it closes.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (!dialog || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  opener.closest("details[open]")?.removeAttribute("open");
  dialog.showModal();
  dialog.querySelector(".dialog-body :is(input:not([type=hidden]), textarea, select)")?.focus();
});

// A press on what lies behind closes it, unless something was typed.
document.addEventListener("pointerdown", ({ target, clientX, clientY }) => {
  if (!(target instanceof HTMLDialogElement) || !target.open) return;
  const box = target.getBoundingClientRect();
  const isOutside = clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
  const isTouched = [...target.querySelectorAll("input, textarea")].some((field) => field.type !== "hidden" && field.value !== field.defaultValue);
  if (isOutside && !isTouched) target.close();
});

// A dialog that came back with faults opens by itself.
document.querySelector("dialog:has(.faults, .fault)")?.showModal();
