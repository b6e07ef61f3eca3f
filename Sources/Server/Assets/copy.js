document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  const word = button.querySelector("span") ?? button;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    word.textContent = "Copied";
    button.classList.add("copied");
  } catch {
    const text = button.parentElement.closest(".code")?.querySelector("code");
    if (text) getSelection().selectAllChildren(text);
    word.textContent = "Selected";
  }
  setTimeout(() => {
    word.textContent = "Copy";
    button.classList.remove("copied");
  }, 2000);
});
