// What every page of the console does in the browser. Everything here improves a page that works without it.
import "./shell.js";
import "./menus.js";
import "./dialogs.js";
import "./toasts.js";
import "./forms.js";
import "./tabs.js";
import "./multi.js";
import "./combobox.js";
import "./copy.js";
import "./idle.js";
import "./palette.js";
