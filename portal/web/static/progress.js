"use strict";
// Shows how far the portal is with what a form asked for, while the browser waits for its answer. Every sentence stands in the page, as
// data-say-…; without this script the form does the same, and the page says how long it takes.
(() => {
  const form = document.querySelector("form[data-progress]");
  if (form === null) return;
  const say = form.dataset;
  const [box, words, amount, bar] = ["progress", "stage", "amount", "bar"].map((name) => document.getElementById(`build-${name}`));
  const button = form.querySelector("button");
  let asking = null;

  function show({ stage, page, pages }) {
    const sentence = say[`say${stage.charAt(0).toUpperCase()}${stage.slice(1)}`];
    if (stage === "" || sentence === undefined) return;
    if (words.textContent !== sentence) words.textContent = sentence;
    amount.textContent = stage === "waiting" ? "" : say.sayAmount.replace("%1", page).replace("%2", pages);
    bar.max = 2 * pages; // each page is built, then proved
    bar.value = stage === "proving" ? pages + page : page;
  }

  async function ask() {
    try {
      const answer = await fetch(say.progress, { headers: { Accept: "application/json" } });
      if (!answer.ok) return; // not to be told any more; the form's own answer says why
      show(await answer.json());
    } catch {
      // no answer just now
    }
    asking = setTimeout(ask, 1000);
  }

  form.addEventListener("submit", () => {
    button.disabled = true; // once is enough
    box.hidden = false;
    words.textContent = say.sayBegun;
    clearTimeout(asking);
    asking = setTimeout(ask, 500);
  });

  // Back from the next page: as if nothing had been asked for.
  addEventListener("pageshow", () => {
    clearTimeout(asking);
    button.disabled = false;
    box.hidden = true;
  });
})();
