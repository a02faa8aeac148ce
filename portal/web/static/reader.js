"use strict";
// Keys turn pages, change the size and lead to the search; the size changes without asking for the page again. All of it are links and a form too.
(() => {
  const root = document.documentElement;
  const view = document.getElementById("view");
  const size = document.getElementById("size");
  const steps = size.dataset.steps.split(" ").map(Number);
  let now = Number(size.dataset.now);

  const sized = (href, to) => {
    const url = new URL(href, location.href);
    if (to === 100) url.searchParams.delete("zoom");
    else url.searchParams.set("zoom", String(to));
    return url.href;
  };

  const resize = (to) => {
    if (!steps.includes(to) || to === now) return;
    view.classList.replace(`p-zoom-${now}`, `p-zoom-${to}`);
    now = to;
    document.getElementById("zoom-now").textContent = String(to);
    document.getElementById("find-zoom").value = String(to);
    for (const link of document.querySelectorAll(".p-turn a, .p-pages a")) link.href = sized(link.href, to);
    history.replaceState(null, "", sized(location.href, to));
  };
  const step = (by) => resize(steps[steps.indexOf(now) + by] ?? now);

  // Without a script these are links to the page in another size, or signs that there is none.
  for (const [id, by, words] of [["zoom-out", -1, "Smaller"], ["zoom-in", 1, "Larger"]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.id = id;
    button.className = "p-icon-btn";
    button.setAttribute("aria-label", words);
    const old = document.getElementById(id);
    button.append(old.querySelector("svg"));
    button.addEventListener("click", () => step(by));
    old.replaceWith(button);
  }
  document.getElementById("keys").hidden = false;
  for (const link of document.querySelectorAll(".p-pages a[aria-current]")) link.parentElement.parentElement.scrollTop = link.offsetTop - 120;

  const follow = (id) => {
    const link = document.getElementById(id);
    if (link === null) return false;
    location.assign(link.href);
    return true;
  };

  // Left and right towards the reading direction; Page Up and Page Down once the end of the page is on screen.
  const turn = (key) => {
    const backwards = root.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
    const forwards = root.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const wide = view.scrollWidth > view.clientWidth && view.contains(document.activeElement);
    const atTop = root.scrollTop <= 1;
    const atEnd = root.scrollTop + root.clientHeight >= root.scrollHeight - 1;
    if ((key === backwards && !wide) || (key === "PageUp" && atTop)) return follow("page-before");
    if ((key === forwards && !wide) || (key === "PageDown" && atEnd)) return follow("page-after");
    return false;
  };

  const press = (key) => {
    if (key === "+" || key === "=") step(1);
    else if (key === "-" || key === "−") step(-1);
    else if (key === "0") resize(100);
    else if (key === "/") document.getElementById("find-term").focus();
    else return turn(key);
    return true;
  };

  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.shiftKey && !["+", "/", "−"].includes(event.key)) return;
    if (event.target instanceof Element && event.target.closest("input, select, textarea, summary, [contenteditable]")) return;
    if (press(event.key)) event.preventDefault();
  });
})();
