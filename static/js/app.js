// Entry of every page. Each module looks for its own data attributes and does nothing where there are none.
import "./forms.js";
import "./tables.js";
import "./dialogs.js";
import "./countdown.js";
import "./page.js";
