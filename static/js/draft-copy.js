// What was typed and not yet acknowledged, on this device: it survives a closed browser, a dropped line and an expired
// login, and leaves as soon as the server has it. Kept per person, entry and step; older than a week it is forgotten.

const PREFIX = "leitai-draft:";
const LIFE = 7 * 24 * 3600 * 1000;
const ROW = /^(.+)-([0-9]+)-([a-z_]+)$/;
const OURS = new Set(["csrf_token", "base_version"]);

export class DraftCopy {
  constructor(form, addRow) {
    this.form = form;
    this.addRow = addRow;
    this.key = PREFIX + form.dataset.draftKey;
    forgetOld();
  }

  typed() {
    return [...new FormData(this.form)].filter(([name, value]) => !OURS.has(name) && typeof value === "string");
  }

  keep(sent = false) {
    const base = this.base.value;
    try {
      localStorage.setItem(this.key, JSON.stringify({ at: Date.now(), base, sent, typed: this.typed() }));
    } catch {
      // no room, or not allowed: the page itself still holds the text
    }
  }

  drop() {
    localStorage.removeItem(this.key);
  }

  get base() {
    return this.form.querySelector("[data-base-version]");
  }

  // Puts back what the server never acknowledged; the moment it was typed, or null where there was nothing to do.
  restore() {
    const kept = read(this.key);
    const taken = kept?.sent && kept.base !== this.base.value;
    if (!kept || taken || this.same(kept.typed)) {
      this.drop();
      return null;
    }
    const [single, lists] = sorted(kept.typed);
    for (const [name, value] of single) this.put(name, value);
    for (const [name, rows] of lists) this.putRows(name, rows);
    this.base.value = kept.base;
    return new Date(kept.at);
  }

  same(typed) {
    const plain = (values) => JSON.stringify(sorted(values).map((part) => [...part]));
    return plain(typed) === plain(this.typed());
  }

  put(name, value) {
    const control = this.form.elements[name];
    if (!control) return;
    control.value = value; // a group of radio buttons takes a value too
    if (control.id) control.dispatchEvent(new Event("input", { bubbles: true }));
  }

  putRows(name, rows) {
    const list = this.form.querySelector(`[data-rows="${CSS.escape(name)}"]`);
    if (!list) return;
    list.replaceChildren();
    list.dataset.next = 0;
    for (const row of [...rows, []]) {
      const line = this.addRow(this.form, name);
      for (const [column, value] of row) line.querySelector(`[name$="-${CSS.escape(column)}"]`).value = value;
    }
  }
}

// Single fields by name, and lists as their rows that are not blank, whatever numbers the rows had on the page.
function sorted(typed) {
  const single = new Map();
  const lists = new Map();
  for (const [name, value] of typed) {
    const row = ROW.exec(name);
    if (!row) {
      single.set(name, value);
      if (name.endsWith("-shown")) lists.set(name.slice(0, -6), lists.get(name.slice(0, -6)) ?? new Map());
      continue;
    }
    const rows = lists.get(row[1]) ?? lists.set(row[1], new Map()).get(row[1]);
    rows.set(row[2], [...(rows.get(row[2]) ?? []), [row[3], value]]);
  }
  const filled = [...lists].map(([name, rows]) => [name, [...rows.values()].filter((row) => row.some(([, value]) => value.trim()))]);
  return [single, new Map(filled)];
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function forgetOld() {
  try {
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
      const kept = read(key);
      if (!kept || Date.now() - kept.at > LIFE) localStorage.removeItem(key);
    }
  } catch {
    // storage is not allowed here
  }
}
