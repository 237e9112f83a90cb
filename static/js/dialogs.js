// Native dialogs: open, close, and the typed word that unlocks an irreversible act.

function lockAct(input) {
  const button = input.form?.querySelector("[data-confirm-act]");
  if (!button) return;
  const same = input.value.trim() === input.dataset.confirmWord;
  button.disabled = !same;
  button.dataset.open = same ? "1" : "";
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog-open]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialogOpen);
    dialog?.querySelectorAll("[data-confirm-word]").forEach(lockAct);
    dialog?.showModal();
    dialog?.querySelector("textarea, input:not([type=hidden])")?.focus();
  }
  if (event.target.closest?.("[data-dialog-close]")) event.target.closest("dialog")?.close();
  if (event.target.matches?.("dialog[open]")) event.target.close(); // a click on the backdrop
});

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-confirm-word]")) lockAct(event.target);
});
