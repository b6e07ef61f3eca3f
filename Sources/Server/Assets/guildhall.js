// Everything works without scripts; these only improve. Each module looks for its own `data-` attributes.
import "./menus.js";
import "./dialogs.js";
import "./page-dialogs.js";
import "./keys.js";
import "./forms.js";
import "./lists.js";
import "./copy.js";
import "./times.js";
import "./themes.js";
import "./toasts.js";
import "./offline.js";
