// The theme takes the focus from its buttons when they are pressed, so dialogs cannot give it back: here it returns.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const openers = new Map();
  addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (button) setTimeout(() => { // after the theme's own listeners
      const dialog = document.querySelector("dialog[open]");
      if (dialog && !dialog.contains(button)) openers.set(dialog, button);
      else if (event.detail === 0 && document.activeElement === document.body) button.focus(); // pressed by a key
    });
  }, true);
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("close", () => { openers.get(dialog)?.focus(); openers.delete(dialog); });
  }
});
