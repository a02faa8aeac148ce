"use strict";
// Draws one box with mouse, pen or finger and posts its edges; the server answers with what it grows to. A press that does not move stays a
// press: on a passage its button takes it. Also keeps the page and its outline where they were.
(() => {
  const form = document.getElementById("marking");
  if (form === null) return;
  const outline = document.getElementById("outline");
  const [scroll, rolled, pointed] = ["scroll", "rolled", "pointed"].map((name) => form.elements.namedItem(name));
  if (scroll.value !== "") scrollTo({ top: Number(scroll.value), behavior: "instant" });
  if (outline !== null) {
    const here = outline.querySelector(".p-outline-here");
    if (rolled.value !== "") outline.scrollTop = Number(rolled.value);
    else if (here !== null) outline.scrollTop = here.offsetTop - here.offsetHeight;
  }
  scroll.value = rolled.value = pointed.value = "";
  // Whoever presses with the keyboard finds the focus on the same button again; whoever points does not look for it.
  form.addEventListener("click", (event) => (pointed.value = event.detail > 0 ? "yes" : ""), true);
  form.addEventListener("submit", (event) => {
    if (event.submitter !== null && event.submitter.value === "turn") return;
    scroll.value = String(Math.round(scrollY));
    if (outline !== null) rolled.value = String(Math.round(outline.scrollTop));
  });

  const marks = document.getElementById("marks");
  if (marks === null) return;
  const sheet = document.getElementById("sheet");
  const rubber = document.getElementById("rubber");
  const add = document.getElementById("add");
  let start = null;
  let drawing = false;

  function place(event) {
    const area = marks.getBoundingClientRect();
    const within = (value) => Math.min(100, Math.max(0, value));
    return { x: within((100 * (event.clientX - area.left)) / area.width), y: within((100 * (event.clientY - area.top)) / area.height) };
  }

  function around(one, other) {
    return { left: Math.min(one.x, other.x), top: Math.min(one.y, other.y), right: Math.max(one.x, other.x), bottom: Math.max(one.y, other.y) };
  }

  function isBox(box) {
    return box.right - box.left >= 0.5 && box.bottom - box.top >= 0.3;
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

  sheet.addEventListener("pointerdown", (event) => {
    drawing = false;
    if (!event.isPrimary || event.button !== 0) return;
    start = place(event);
  });
  sheet.addEventListener("pointermove", (event) => {
    if (start === null || !event.isPrimary) return;
    const box = around(start, place(event));
    if (!drawing && !isBox(box)) return;
    if (!drawing) sheet.setPointerCapture(event.pointerId);
    drawing = true;
    show(box);
  });
  sheet.addEventListener("pointerup", (event) => {
    if (start === null || !event.isPrimary) return;
    const box = around(start, place(event));
    forget();
    if (!drawing || !isBox(box)) return;
    for (const [name, value] of Object.entries(box)) form.elements.namedItem(name).value = value.toFixed(2);
    show(box);
    form.requestSubmit(add);
  });
  // What began on a passage and became a box, or was given up, takes no passage.
  sheet.addEventListener("click", (event) => drawing && event.preventDefault(), true);
  sheet.addEventListener("dragstart", (event) => event.preventDefault());
  sheet.addEventListener("pointercancel", forget);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") forget();
  });
  sheet.classList.add("p-can-draw");
})();
