// Counters, double-submit guard, leave-page warning, error summary focus.
// Everything is delegated from the document, so that parts swapped in by htmx work without being set up again.

// Characters as the server counts them: code points, line ends as one.
export function lengthOf(text) {
  return [...text.replace(/\r\n/g, "\n")].length;
}

function showCount(control) {
  const line = document.querySelector(`[data-counter="${CSS.escape(control.id)}"]`);
  if (!line) return;
  const limit = Number(line.dataset.limit);
  const used = lengthOf(control.value);
  line.textContent = used > limit ? `${used} / ${limit} 字，超出 ${used - limit} 字` : `${used} / ${limit} 字`;
  line.classList.toggle("is-near", used <= limit && used > limit * 0.9);
  line.classList.toggle("is-over", used > limit);
}

function prepareCounters(root) {
  for (const line of root.querySelectorAll("[data-counter]")) {
    const control = document.getElementById(line.dataset.counter);
    if (!control) continue;
    control.removeAttribute("maxlength"); // pasted text is kept and counted instead of cut off silently
    showCount(control);
  }
}

function markBusy(form, button) {
  form.dataset.sent = "1";
  for (const other of form.querySelectorAll("button[type=submit]")) other.disabled = true;
  if (!button) return;
  button.classList.add("is-busy");
  const label = button.querySelector("span:last-of-type") ?? button;
  button.dataset.label = label.textContent;
  if (button.dataset.submitting) label.textContent = button.dataset.submitting;
}

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("button[type=submit]")) {
    button.disabled = button.hasAttribute("data-confirm-act") && !button.dataset.open;
    button.classList.remove("is-busy");
    if (button.dataset.label) (button.querySelector("span:last-of-type") ?? button).textContent = button.dataset.label;
  }
}

function guardSubmit(event) {
  const form = event.target;
  if (!form.matches("form[data-once]") || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  dirty.delete(form);
  // After the browser has taken the form's data: a disabled button would not send its own name and value.
  setTimeout(() => markBusy(form, event.submitter), 0);
}

const dirty = new Set();

function noteChange(event) {
  const control = event.target;
  if (control.id) showCount(control);
  const form = control.form;
  if (form?.matches("form[data-dirty]")) dirty.add(form);
}

function warnBeforeLeaving(event) {
  for (const form of dirty) if (!form.isConnected) dirty.delete(form);
  if (dirty.size) event.preventDefault();
}

document.addEventListener("submit", guardSubmit);
document.addEventListener("input", noteChange);
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-once]");
  if (form) release(form);
});
document.addEventListener("htmx:load", (event) => prepareCounters(event.target));
window.addEventListener("beforeunload", warnBeforeLeaving);
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-once]").forEach(release);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.target.closest?.("[data-file-box]")?.classList.toggle("is-over", name === "dragover");
  });
}

prepareCounters(document);
document.querySelector("[data-error-summary]")?.focus();
