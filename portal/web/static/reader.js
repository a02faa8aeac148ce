"use strict";
// Keys turn pages: left and right always (towards the reading direction), Page Up and Page Down once the end of the page is on screen.
addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (event.target instanceof Element && event.target.closest("input, select, textarea, summary, [contenteditable]")) return;
  const root = document.documentElement;
  const backwards = root.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
  const forwards = root.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
  const atTop = root.scrollTop <= 1;
  const atEnd = root.scrollTop + root.clientHeight >= root.scrollHeight - 1;
  let link = null;
  if (event.key === backwards || (event.key === "PageUp" && atTop)) link = document.getElementById("page-before");
  if (event.key === forwards || (event.key === "PageDown" && atEnd)) link = document.getElementById("page-after");
  if (link === null) return;
  event.preventDefault();
  location.assign(link.href);
});
