// Lists: selection and its action bar, phone labels, keys (/ search, j k rows, x tick, Enter open).

function labelCells(table) {
  const words = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim());
  for (const row of table.tBodies[0]?.rows ?? []) {
    [...row.cells].forEach((cell, index) => {
      const plain = cell.tagName === "TD" && !cell.matches(".cell-select, .row-actions, [colspan]");
      if (plain && !cell.dataset.label && words[index]) cell.dataset.label = words[index];
    });
  }
}

// Sticky heads need a box that does not scroll; a table too wide for its box gives that up.
function fit(table) {
  const box = table.closest(".table-wrap");
  box?.classList.toggle("is-wide", table.scrollWidth > box.clientWidth + 1);
}

function prepare(root) {
  for (const table of root.querySelectorAll("table.table-list")) {
    labelCells(table);
    fit(table);
  }
  if (root.querySelector("[data-select-row]")) showSelection();
}

const rowBoxes = () => [...document.querySelectorAll("[data-select-row]")];

function showSelection() {
  const boxes = rowBoxes();
  const picked = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("tr").classList.toggle("is-picked", box.checked);
  const head = document.querySelector("[data-select-all]");
  if (head) {
    head.checked = boxes.length > 0 && picked.length === boxes.length;
    head.indeterminate = picked.length > 0 && picked.length < boxes.length;
  }
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  bar.hidden = picked.length === 0;
  if (picked.length < boxes.length) everything(bar, false);
  else if (!bar.querySelector("[data-bulk-all]").value) countOf(bar, picked.length);
  if (picked.length < boxes.length) countOf(bar, picked.length);
}

function countOf(bar, number) {
  bar.querySelector("[data-bulk-count]").textContent = Number(number).toLocaleString("en-US");
}

// "All 1,286" means every row of the filter, not only of this page; the server is told by all=1.
function everything(bar, on) {
  bar.querySelector("[data-bulk-all]").value = on ? "1" : "";
  const button = bar.querySelector("[data-bulk-everything]");
  if (button) button.hidden = on;
  if (on) countOf(bar, button.dataset.total);
}

function pickAll(on) {
  for (const box of rowBoxes()) box.checked = on;
  showSelection();
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) pickAll(event.target.checked);
  else if (event.target.matches("[data-select-row]")) showSelection();
});

document.addEventListener("click", (event) => {
  const bar = event.target.closest?.("[data-bulk]");
  if (event.target.closest?.("[data-bulk-clear]")) pickAll(false);
  else if (event.target.closest?.("[data-bulk-everything]")) {
    pickAll(true);
    everything(bar, true);
  }
});

// Keys
let here = -1;

const rows = () => [...document.querySelectorAll("table.table-list tbody tr")].filter((row) => row.querySelector("a, [data-select-row]"));

function move(step) {
  const all = rows();
  if (!all.length) return;
  here = Math.min(Math.max(here + step, 0), all.length - 1);
  all.forEach((row, index) => row.classList.toggle("is-here", index === here));
  const target = all[here].querySelector("a") ?? all[here].querySelector("[data-select-row]");
  target.focus({ preventScroll: true });
  all[here].scrollIntoView({ block: "nearest" });
}

function tick() {
  const box = rows()[here]?.querySelector("[data-select-row]");
  if (!box) return;
  box.checked = !box.checked;
  showSelection();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  x: tick,
  "/": () => document.querySelector("[data-list-search]")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]");
  if (typing || !KEYS[event.key] || !document.querySelector("table.table-list, [data-list-search]")) return;
  event.preventDefault();
  KEYS[event.key]();
});

document.addEventListener("htmx:load", (event) => prepare(event.target));
window.addEventListener("resize", () => document.querySelectorAll("table.table-list").forEach(fit));
prepare(document);
