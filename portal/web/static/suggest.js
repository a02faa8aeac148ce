// Symbols that begin as typed, offered under the field. Without this the field narrows the list all the same.
"use strict";

for (const field of document.querySelectorAll("input[data-suggest]")) {
  let waiting = 0, asked = 0;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const turn = ++asked;
      const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(field.value)}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || turn !== asked) return;
      field.list.replaceChildren(...(await answer.json()).map((symbol) => new Option(symbol, symbol)));
    }, 250);
  });
}
