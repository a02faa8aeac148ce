"use strict";
// Draws one box with mouse, pen or finger and posts its edges; the server answers with what it grows to. Also keeps the page where it was.
(() => {
  const form = document.getElementById("marking");
  if (form === null) return;
  const scroll = form.elements.namedItem("scroll");
  if (scroll.value !== "") scrollTo({ top: Number(scroll.value), behavior: "instant" });
  scroll.value = "";
  form.addEventListener("submit", (event) => {
    const turns = event.submitter !== null && event.submitter.value === "turn";
    scroll.value = turns ? "" : String(Math.round(scrollY));
  });

  const marks = document.getElementById("marks");
  if (marks === null) return;
  const rubber = document.getElementById("rubber");
  const add = document.getElementById("add");
  let start = null;

  function place(event) {
    const area = marks.getBoundingClientRect();
    const within = (value) => Math.min(100, Math.max(0, value));
    return { x: within((100 * (event.clientX - area.left)) / area.width), y: within((100 * (event.clientY - area.top)) / area.height) };
  }

  function around(one, other) {
    return { left: Math.min(one.x, other.x), top: Math.min(one.y, other.y), right: Math.max(one.x, other.x), bottom: Math.max(one.y, other.y) };
  }

  function show(box) {
    rubber.setAttribute("x", `${box.left}%`);
    rubber.setAttribute("y", `${box.top}%`);
    rubber.setAttribute("width", `${box.right - box.left}%`);
    rubber.setAttribute("height", `${box.bottom - box.top}%`);
    rubber.setAttribute("visibility", "visible");
  }

  function forget() {
    start = null;
    rubber.setAttribute("visibility", "hidden");
  }

  marks.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    event.preventDefault();
    start = place(event);
    marks.setPointerCapture(event.pointerId);
  });
  marks.addEventListener("pointermove", (event) => {
    if (start !== null && event.isPrimary) show(around(start, place(event)));
  });
  marks.addEventListener("pointerup", (event) => {
    if (start === null || !event.isPrimary) return;
    const box = around(start, place(event));
    forget();
    if (box.right - box.left < 0.5 || box.bottom - box.top < 0.3) return; // a click, not a box
    for (const [name, value] of Object.entries(box)) form.elements.namedItem(name).value = value.toFixed(2);
    show(box);
    form.requestSubmit(add);
  });
  marks.addEventListener("pointercancel", forget);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") forget();
  });
  marks.classList.add("p-can-draw");
})();
