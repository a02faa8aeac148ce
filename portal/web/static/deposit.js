"use strict";
// Sends the chosen or dropped file of one document. Every sentence stands in the page, as data-say-…; the server decides, this only shows.
(() => {
  const zone = document.getElementById("deposit");
  if (zone === null) return;
  const part = (name) => document.getElementById(`deposit-${name}`);
  const [language, file, fault, sending, name, amount, progress, status, pause, go, cancel, signIn] =
    ["language", "file", "fault", "sending", "name", "amount", "progress", "status", "pause", "go", "cancel", "sign-in"].map(part);
  const say = zone.dataset;
  const begun = Array.from(document.querySelectorAll("[data-upload]"));
  let current = null;
  let waiting = false; // for somebody to sign in again

  function show(state) {
    zone.hidden = state === "sending";
    sending.hidden = state !== "sending";
    fault.hidden = state !== "fault";
    for (const row of begun) row.hidden = state === "sending" || row.dataset.gone === "yes";
  }

  // What can go on: the buttons say what is possible now.
  function offer(state) {
    pause.hidden = state !== "moving";
    go.hidden = state !== "halted";
    cancel.hidden = state === "sealing";
    signIn.hidden = !waiting;
  }

  function fail(sentence) {
    current = null;
    waiting = false;
    file.value = ""; // so that choosing the same file again counts as a change
    fault.textContent = sentence;
    show("fault");
    fault.focus();
  }

  // In the unit that suits the whole: a small file has no megabytes.
  function amounts(total, ...sizes) {
    const [unit, digits, word] = total < 1e6 ? [1e3, 0, "kB"] : [1e6, 1, "MB"];
    return `${sizes.map((bytes) => (bytes / unit).toFixed(digits)).join(" / ")} ${word}`;
  }

  function unfit(chosen) {
    if (!file.accept.split(",").some((ending) => chosen.name.toLowerCase().endsWith(ending))) return say.sayNotTaken;
    if (chosen.size === 0) return say.sayEmpty;
    if (chosen.size > Number(say.maxBytes)) return say.sayTooLarge;
    if (chosen.size > Number(say.officeBytes) && !/\.pdf$/i.test(chosen.name)) return say.sayOfficeTooLarge;
    return "";
  }

  function measure(sent, total) {
    progress.value = (100 * sent) / total;
    amount.textContent = `${amounts(total, sent, total)}, ${Math.floor((100 * sent) / total)} %`;
  }

  function state(word) {
    if (word === "sealing") progress.removeAttribute("value"); // from here on the server works: no measure, but not finished
    const sentence = { arriving: say.sayArriving, retrying: say.sayRetrying, sealing: say.saySealing }[word];
    if (status.textContent !== sentence) status.textContent = sentence; // read out once
    offer(word === "sealing" ? "sealing" : "moving");
  }

  function stopped(why, detail) {
    if (why === "refused") return fail(detail);
    if (why === "odd") return fail(say.sayOdd);
    waiting = why === "signed-out";
    status.textContent = waiting ? say.saySignedOut : say.sayAway;
    offer("halted");
    go.focus();
    return undefined;
  }

  function done(address) {
    const next = new URL(address);
    location.assign(next.href);
    if (next.pathname === location.pathname && next.hash) location.reload(); // a mere fragment would not load the page again
  }

  async function send(chosen) {
    if (current !== null) return;
    const why = unfit(chosen);
    if (why) {
      fail(why);
      return;
    }
    name.textContent = chosen.name;
    amount.textContent = amounts(chosen.size, chosen.size);
    progress.value = 0;
    current = true; // taken, while the fingerprint is computed
    const print = await Sending.fingerprint(chosen);
    const same = begun.find((row) => row.dataset.fingerprint === print && Number(row.dataset.size) === chosen.size && row.dataset.gone !== "yes");
    const url = same === undefined ? null : same.dataset.upload;
    current = new Sending(chosen, { collection: say.uploads, url, csrf: say.csrf, page: location.href, language: () => language.value, on: { progress: measure, state, stopped, done } });
    show("sending");
    offer("moving");
    pause.focus();
    current.start();
  }

  pause.addEventListener("click", () => {
    current.pause();
    status.textContent = say.sayPaused;
    offer("halted");
    go.focus();
  });

  async function proceed() {
    if (waiting) await current.renewed();
    waiting = false;
    current.start();
    pause.focus();
  }

  go.addEventListener("click", proceed);
  addEventListener("focus", () => waiting && proceed()); // back from signing in, in another tab

  cancel.addEventListener("click", async () => {
    const gone = await current.cancel();
    const row = begun.find((each) => current.url !== null && current.url.endsWith(each.dataset.upload));
    if (gone && row !== undefined) row.dataset.gone = "yes";
    fail(gone ? say.sayCancelled : say.sayNotCancelled);
  });

  for (const row of begun) {
    row.querySelector("button").addEventListener("click", async () => {
      if (!(await Sending.discard(row.dataset.upload, say.csrf))) {
        fail(say.sayNotCancelled);
        return;
      }
      row.dataset.gone = "yes";
      row.hidden = true;
      fail(say.sayCancelled);
    });
    row.querySelector("button").hidden = false;
  }

  file.addEventListener("change", () => file.files.length && send(file.files[0]));
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
