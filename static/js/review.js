// The review desk by keyboard: n p go on, a passes, r d i open what needs a reason, u takes back, digits tick the list.

const OFF = "leitai-review-keys-off";
const off = document.querySelector("[data-keys-off]");

function stored() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false; // a private window without a store keeps the keys on
  }
}

if (off) {
  off.checked = stored();
  off.addEventListener("change", () => {
    try {
      localStorage.setItem(OFF, off.checked ? "1" : "0");
    } catch { /* holds for this page only */ }
  });
}

function open(summary) {
  const box = summary.parentElement;
  box.open = true;
  box.querySelector("textarea")?.focus();
  box.scrollIntoView({ block: "nearest" });
}

function press(target) {
  if (!target) return false;
  if (target.matches("summary")) open(target);
  else target.click();
  return true;
}

function tickAll() {
  const boxes = [...document.querySelectorAll(".checklist input")];
  const all = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !all;
}

function help() {
  document.getElementById("keys").showModal();
}

const KEYS = {
  n: () => press(document.querySelector("a[rel=next]")),
  p: () => press(document.querySelector("a[rel=prev]")),
  u: () => press(document.querySelector("#just-done form button")),
  0: tickAll,
  "?": help,
};

function isTyping(target) {
  return target.closest?.("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]");
}

// A ready sentence goes to the end of what was typed, and ticks the fields it concerns.
function ready(button) {
  const area = document.getElementById(button.dataset.readyInto);
  const before = area.value.trimEnd();
  area.value = before ? `${before}\n${button.dataset.ready}` : button.dataset.ready;
  for (const name of button.dataset.readyFields.split(" ").filter(Boolean)) {
    const box = area.form.querySelector(`input[name=flagged_fields][value="${CSS.escape(name)}"]`);
    if (box) box.checked = true;
  }
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

function inText(event) {
  const area = event.target.closest("textarea");
  if (!area) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    area.form.requestSubmit();
  } else if (event.altKey && /^Digit[1-9]$/.test(event.code)) {
    const buttons = area.form.querySelectorAll("[data-ready]");
    const button = buttons[Number(event.code.slice(5)) - 1];
    event.preventDefault();
    if (button) ready(button);
  } else if (event.key === "Escape" && !area.closest("dialog")) {
    area.blur();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (isTyping(event.target)) {
    inText(event);
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || off?.checked || document.querySelector("dialog[open]")) return;
  const act = KEYS[event.key];
  const target = act ? null : document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!act && !target) return;
  event.preventDefault();
  if (act) act();
  else press(target);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-ready]");
  if (button) ready(button);
});
