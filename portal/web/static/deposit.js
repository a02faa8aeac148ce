"use strict";
// Sends one chosen or dropped PDF as the body of one request. Every sentence stands in the page, as data-say-…; the server decides, this only shows.
(() => {
  const zone = document.getElementById("deposit");
  if (zone === null) return;
  const part = (name) => document.getElementById(`deposit-${name}`);
  const [file, fault, sending, name, amount, progress, status, cancel] =
    ["file", "fault", "sending", "name", "amount", "progress", "status", "cancel"].map(part);
  const say = zone.dataset;
  let request = null;

  function show(state) {
    zone.hidden = state === "sending";
    sending.hidden = state !== "sending";
    fault.hidden = state !== "fault";
  }

  function fail(sentence) {
    request = null;
    file.value = ""; // so that choosing the same file again counts as a change
    fault.textContent = sentence;
    show("fault");
    fault.focus();
  }

  function megabytes(bytes) {
    return (bytes / 1e6).toFixed(1);
  }

  function unfit(chosen) {
    if (chosen.type !== "application/pdf" && !/\.pdf$/i.test(chosen.name)) return say.sayNotPdf;
    if (chosen.size === 0) return say.sayEmpty;
    if (chosen.size > Number(say.maxBytes)) return say.sayTooLarge;
    return "";
  }

  function arrived() {
    const answer = request.response;
    if (request.status >= 200 && request.status < 300 && answer && typeof answer.location === "string") {
      const next = new URL(answer.location, location.href);
      if (next.origin === location.origin) {
        location.assign(next.href);
        if (next.pathname === location.pathname && next.hash) location.reload(); // a mere fragment would not load the page again
        return;
      }
    }
    fail(answer && typeof answer.detail === "string" ? answer.detail : say.sayOdd);
  }

  function send(chosen) {
    if (request !== null) return;
    const why = unfit(chosen);
    if (why) {
      fail(why);
      return;
    }
    name.textContent = chosen.name;
    amount.textContent = `${megabytes(chosen.size)} MB`;
    progress.value = 0;
    cancel.hidden = false;
    status.textContent = say.sayArriving;
    show("sending");
    cancel.focus();
    request = new XMLHttpRequest();
    request.open("POST", say.url);
    request.responseType = "json";
    request.setRequestHeader("Content-Type", "application/pdf");
    request.setRequestHeader("Accept", "application/json, application/problem+json");
    request.setRequestHeader("X-CSRF-Token", say.csrf);
    request.setRequestHeader("X-File-Name", encodeURIComponent(chosen.name));
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      progress.value = (100 * event.loaded) / event.total;
      amount.textContent = `${megabytes(event.loaded)} / ${megabytes(event.total)} MB`;
    });
    request.upload.addEventListener("load", () => {
      progress.removeAttribute("value"); // from here on the server works: no measure, but not finished
      status.textContent = say.saySealing;
      cancel.hidden = true; // an act that may already be done is not called back
    });
    request.addEventListener("load", arrived);
    request.addEventListener("error", () => fail(say.sayCut));
    request.addEventListener("abort", () => fail(say.sayCancelled));
    request.send(chosen);
  }

  file.addEventListener("change", () => file.files.length && send(file.files[0]));
  cancel.addEventListener("click", () => request && request.abort());
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.add("p-over");
    });
  }
  zone.addEventListener("dragleave", (event) => zone.contains(event.relatedTarget) || zone.classList.remove("p-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("p-over");
    const files = event.dataTransfer.files;
    if (files.length > 1) fail(say.sayOne);
    else if (files.length === 1) send(files[0]);
  });
  // A file dropped beside the field must not replace the page with the file.
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
  zone.hidden = false;
})();
