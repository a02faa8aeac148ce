"use strict";
// Shows how far the check of the log is; when it is over the page is read anew. Without this script a link does that.
(() => {
  const box = document.querySelector("[data-check]");
  if (box === null) return;
  const amount = document.getElementById("check-amount");
  const bar = document.getElementById("check-bar");
  const told = new Intl.NumberFormat("en");

  async function ask() {
    try {
      const answer = await fetch(box.dataset.check, { headers: { Accept: "application/json" } });
      if (!answer.ok) return; // not to be told any more
      const { state, done, size } = await answer.json();
      if (state !== "waiting" && state !== "running") {
        location.reload();
        return;
      }
      if (state === "running") {
        amount.textContent = box.dataset.say.replace("%1", told.format(done)).replace("%2", told.format(size));
        bar.max = size || 1;
        bar.value = done;
      }
    } catch {
      // no answer just now
    }
    setTimeout(ask, 1000);
  }

  setTimeout(ask, 1000);
})();
