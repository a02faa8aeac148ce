"use strict";
// Sends one file to the place that its field names, and loads the page again. Every sentence stands in the page or comes from the server.
(() => {
  for (const place of document.querySelectorAll("[data-attach]")) {
    const [field, status, fault] = [place.querySelector("input"), place.querySelector("[role=status]"), place.querySelector("[role=alert]")];

    function fail(sentence) {
      status.textContent = "";
      field.value = ""; // so that choosing the same file again counts as a change
      field.disabled = false;
      fault.textContent = sentence;
      fault.hidden = false;
      fault.focus();
    }

    async function send(file) {
      fault.hidden = true;
      field.disabled = true;
      status.textContent = place.dataset.saySending;
      const headers = { "X-CSRF-Token": place.dataset.csrf, "X-File-Name": encodeURIComponent(file.name), Accept: "application/json" };
      try {
        const answer = await fetch(place.dataset.attach, { method: "POST", headers, body: file });
        if (answer.ok) location.reload();
        else fail((await answer.json()).detail);
      } catch {
        fail(place.dataset.sayOdd);
      }
    }

    field.addEventListener("change", () => field.files.length && send(field.files[0]));
    place.hidden = false;
  }
})();
